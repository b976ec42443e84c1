"""What decoders of every kind share as graphs: products in several types, attention with its caches."""
