"""Rules without input or output: what the business says, testable without a database."""
