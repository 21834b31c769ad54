"""Curation: the best diverse set of articles for a topic, or of a list of addresses."""
