"""Where bytes live: the database, the stream, tokens, files."""
