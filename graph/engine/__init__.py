"""How a document becomes an answer: read and measured once, then executed."""
