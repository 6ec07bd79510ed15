"""The waitlist's tables: lines, places in them, openings, offers, and the people who wait."""
