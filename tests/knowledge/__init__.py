"""Tests of the knowledge: data, matcher, profiles."""
