"""Where content goes, and as whom."""
