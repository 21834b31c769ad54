"""Servers of the tests that behave like outside services, for better and for worse."""
