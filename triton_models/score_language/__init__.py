"""The language of the score model: pieces on a grid, their tokens, and the grammar that keeps tokens a score."""
