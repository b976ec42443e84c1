"""Builds the services of areas that have many; those of the others are built in `bootstrap/areas.py`."""
