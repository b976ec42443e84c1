"""Use cases of plays: give out tickets, take reports, count, look back."""
