"""The score transformer: its corpus, tokens, training and evaluation."""
