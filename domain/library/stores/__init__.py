"""The queries of the library, by what they are for."""
