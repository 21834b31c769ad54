"""One file per outside service; each comes in through the entry points, as a stranger's plugin would."""
