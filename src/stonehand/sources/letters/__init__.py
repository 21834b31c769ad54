"""Letters: what came by mail, and what each names."""
