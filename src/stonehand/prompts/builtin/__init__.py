"""The built-in prompts, as data."""
