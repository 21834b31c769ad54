"""Passes over the recent stories: what the graph of all articles says together, and what editors say of it."""
