"""A library of 100,000 tracks: its lists and searches beside what MongoDB offers for the same."""
