"""Use cases of jobs: accept, follow, run, sweep."""
