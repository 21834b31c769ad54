"""What is wrong with this installation, where, and how to mend it. Nothing is made or changed by looking."""
