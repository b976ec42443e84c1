"""Tests of the export of step graphs and of what drives them."""
