"""Prompts tried on real stories: what would be sent, what comes back, old beside new. Nothing becomes a draft."""
