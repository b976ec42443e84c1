"""Everything that lives in Redis but the work queue."""
