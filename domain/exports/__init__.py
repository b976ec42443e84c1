"""Giving people everything that is known of them, with their files, as a job."""
