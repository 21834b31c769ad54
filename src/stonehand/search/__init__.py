"""The language of searches: words, phrases and fields as a tree, and whether one article fits it. Pure."""
