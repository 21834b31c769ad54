"""Prompts: what a language model is asked to do, as versioned templates; and the fences around what strangers wrote."""
