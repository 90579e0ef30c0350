"""The public schema: what goes out."""
