"""Sites on which people publish and comment, the logins we have there, and their sessions."""
