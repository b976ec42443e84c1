"""What mail does beside its main service."""
