"""What likes need beside their service: counting, going with a track, and being forgotten."""
