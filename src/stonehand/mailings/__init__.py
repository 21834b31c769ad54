"""Approved digests by mail, once to each reader who asked for them."""
