"""What the scheduler does once a second: fire what is due, and sweep up what was lost."""
