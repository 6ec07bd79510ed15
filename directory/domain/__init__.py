"""Rules and values of the field. Standard library only: no clock, no randomness, no input or output."""
