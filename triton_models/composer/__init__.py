"""The composer: a brief becomes a multi-track Score, deterministically by seed."""
