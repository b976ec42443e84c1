"""Changing many tracks at once, as a job that goes on where it stopped."""
