"""hangscope: why a Java service hangs, from a thread dump and a socket table."""

__version__ = "0.1.0"
