"""Bulk edits: through the public API, under harm, and as jobs among others."""
