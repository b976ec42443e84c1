"""The numbers that the README quotes, measured on a stack of its own."""
