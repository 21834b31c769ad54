"""Scheduled, sent once, and where it can be seen."""
