"""Pieces written for a story: drafts, their revisions, and a citation for every sentence."""
