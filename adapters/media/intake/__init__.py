"""Audio files of strangers: decoded in a locked process that gets nothing but their bytes."""
