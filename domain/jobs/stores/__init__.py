"""The queries of jobs: the records, and the steps they have finished."""
