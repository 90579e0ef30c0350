"""What comes in, and what happens: inputs, filters, short functions."""
