"""What people change about organisations, by subject."""
