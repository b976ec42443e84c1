"""`make soak`: the platform under load and harm for a long time, judged at the end."""
