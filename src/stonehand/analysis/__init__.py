"""What an article says: its language, key phrases, length and place among all texts."""
