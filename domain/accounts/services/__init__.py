"""What is done with accounts, by concern."""
