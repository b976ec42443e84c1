"""`make bench-gpu`: songs as samples on a CUDA device beside transformers; writes a dated table to docs/benchmarks."""
