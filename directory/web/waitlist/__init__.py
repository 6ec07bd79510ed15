"""The pages of the waitlist."""
