"""Reports of players in Redis: a stream between API and workers, and the state of open listens."""
