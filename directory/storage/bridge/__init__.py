"""The bridge's tables. What tells who somebody is, or what they said, goes in and out sealed."""
