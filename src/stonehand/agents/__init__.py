"""Agents: writers with a brief, which find topics in their sources and have pieces written of them."""
