"""Readers of everything that arrives as JSON."""
