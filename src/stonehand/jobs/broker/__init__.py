"""What travels, and what does not: doorbells, the Celery application, and what its clients ask and hear."""
