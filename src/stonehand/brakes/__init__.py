"""Stop everything: while the brake is pulled, nothing leaves the machine."""
