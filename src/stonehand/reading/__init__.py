"""What readers do, and what each of them should see next."""
