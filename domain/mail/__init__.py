"""Mail: what was decided to be sent, until it is."""
