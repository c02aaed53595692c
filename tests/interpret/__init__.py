"""Tests of the interpretation: facts to claims."""
