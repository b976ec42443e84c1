"""Use cases of recognition: remember what was recorded, and tell what of it is the same."""
