"""How many reports of players one core takes and counts, and what is lost when it is killed."""
