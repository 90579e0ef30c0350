"""Schema of the database: revisions, policies, demo data."""
