"""Readers of socket tables as text."""
