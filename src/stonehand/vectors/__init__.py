"""Which texts are nearest in meaning: indexes that are derived from the vectors in the database."""
