"""The bridge: plans, goals, check-ins, groups and the hand-off, each step in one transaction with its audit."""
