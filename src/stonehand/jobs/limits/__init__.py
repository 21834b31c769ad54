"""How often, how many at once, and what stands still for now."""
