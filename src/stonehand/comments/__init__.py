"""Comments on platforms: processes that find articles, write comments, and send them once they are approved."""
