"""The waitlist: people join and leave a line, openings are offered and answered, each step in one transaction with its history and audit."""
