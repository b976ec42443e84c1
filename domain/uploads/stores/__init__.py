"""The queries of uploads that are no audio."""
