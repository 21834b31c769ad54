"""What is wrong now, told once to whoever looks after the newsroom, and once more when it is over."""
