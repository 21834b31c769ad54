"""Ask a language model, and count and cap what it costs."""
