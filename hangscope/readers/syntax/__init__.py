"""Grammars, and the expressions derived from them."""
