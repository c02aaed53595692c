"""Readers of thread dumps as text."""
