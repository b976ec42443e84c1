"""Continuous batching for models that make one token after the other: requests join and leave while others run.

Numpy and the standard library only: no Triton, no runtime of models, nothing of ours outside this folder.
"""
