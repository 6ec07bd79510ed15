"""Footbridge: a treatment waitlist and resource directory."""

__version__ = "0.1.0"
