"""Stories: articles about the same thing, over time."""
