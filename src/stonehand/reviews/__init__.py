"""A person decides: nothing leaves without an approval of exactly this text."""
