"""Other processes of this machine."""

from pathlib import Path


def is_alive(pid: str) -> bool:
    """Whether a process with this id, given as text, runs now; False for what is not a number."""
    return pid.isdigit() and Path(f"/proc/{pid}").exists()
