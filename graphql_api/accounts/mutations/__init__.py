"""What can be done with one's account, by concern."""
