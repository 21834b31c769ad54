"""Agents: writers with a brief, which find topics in their sources and have pieces written by the clock or on request."""
