"""From a checkpoint of the Llama type to step graphs with caches in place: float32, float16 and int8.

Stands beside the training: it knows the checkpoint's format, nothing of corpus and tokens.
"""
