"""Batching: one statement for all parents of a level."""
