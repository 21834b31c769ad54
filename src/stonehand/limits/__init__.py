"""Pace for everything that goes out, kept in the database for all workers."""
