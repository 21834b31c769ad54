"""One file per figure, each beside its baseline in the same run."""
