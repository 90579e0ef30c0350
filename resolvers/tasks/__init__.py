"""Tasks and boards: what comes in, and what happens."""
