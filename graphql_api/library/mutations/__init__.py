"""What can be done to a library, by what it is about."""
