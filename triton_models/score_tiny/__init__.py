"""The score model in Triton: briefs, descriptions and edits in, progress and scores out."""
