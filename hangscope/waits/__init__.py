"""The wait graph: claims, the reduction, stuck cores, blame. Knows neither Java nor TCP."""

from hangscope.waits.claims import Certainty, Claim, Need, Node, NodeKind, Until

__all__ = ["Certainty", "Claim", "Need", "Node", "NodeKind", "Until"]
