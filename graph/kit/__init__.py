"""Declarations from which types, fields and lists are made, and from which a planner can read all it needs."""
