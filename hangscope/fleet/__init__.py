"""Fleets: the bundles of many hosts, each read by itself: here, on all cores, or on a cluster.

Reading is what costs; it needs no more than the one bundle. What was read (facts, and where the
lines stand that a report may quote) comes back in any order and is joined in the order given, so
that the report does not depend on who read what.
"""
