"""Readers of what the kernel and the usual tools say of a process and its host."""
