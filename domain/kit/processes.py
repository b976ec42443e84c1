"""Processes by name: on which machine they run, which one of it they are, and whether they still do. Linux only.

A name is `host:space:start:pid`. The space is one boot of a kernel and one PID namespace of it, the start is in clock
ticks since that boot (proc(5)), so a name never means another process that came later.
"""

import os
import socket
from pathlib import Path

PROC = Path("/proc")


def is_alive(pid: str) -> bool:
    """Whether a process with this id, given as text, runs now; False for what is not a number."""
    return pid.isdigit() and (PROC / pid).exists()


def name_of(pid: int) -> str:
    """The name of a living process of this machine."""
    return f"{this_machine()}{_start_of(str(pid))}:{pid}"


def this_machine() -> str:
    """What the names of all processes begin with that `is_gone` can tell of."""
    boot = (PROC / "sys/kernel/random/boot_id").read_text().strip()
    space = os.stat(PROC / "self/ns/pid").st_ino
    return f"{socket.gethostname()}:{boot[:8]}-{space:x}:"


def is_gone(name: str) -> bool:
    """Whether this process was one of this machine and has ended; False for all others."""
    if not name.startswith(this_machine()):
        return False
    start, _, pid = name.removeprefix(this_machine()).partition(":")
    return pid.isdigit() and _start_of(pid) != start


def _start_of(pid: str) -> str:
    """Empty for a process that has ended, also if nobody has asked yet how."""
    try:
        fields = (PROC / pid / "stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return ""
    return "" if fields[0] in "ZX" else fields[19]
