"""Posts: drafts as they are seen from outside, with one status each, and what people do who write them."""
