"""Facts about processes read from /proc (Linux only); a process that is gone reads as None or as empty."""

from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
# Positions in /proc/PID/stat after the command name, see proc(5).
STATE, PARENT, SESSION, USER_TICKS, SYSTEM_TICKS, START_TIME = 0, 1, 3, 11, 12, 19


@dataclass(frozen=True)
class ProcessFacts:
    """One line of /proc/PID/stat.

    `name` is cut at 15 characters; `start_time` and `cpu_ticks` are in clock ticks, the first since boot.
    """

    pid: int
    name: str
    state: str
    parent: int
    session: int
    start_time: int
    cpu_ticks: int

    @property
    def is_dead(self) -> bool:
        """A zombie has ended and only waits to be reaped."""
        return self.state in "ZX"


def process_facts(pid: int) -> ProcessFacts | None:
    """The facts of one process, or None when there is none with this id."""
    try:
        text = (PROC / str(pid) / "stat").read_text()
    except (OSError, UnicodeDecodeError):
        return None
    fields = text[text.rindex(")") + 2 :].split()
    return ProcessFacts(
        pid=pid,
        name=text[text.index("(") + 1 : text.rindex(")")],
        state=fields[STATE],
        parent=int(fields[PARENT]),
        session=int(fields[SESSION]),
        start_time=int(fields[START_TIME]),
        cpu_ticks=int(fields[USER_TICKS]) + int(fields[SYSTEM_TICKS]),
    )


def is_running(pid: int, start_time: int) -> bool:
    """Whether the very process that started at `start_time` still runs (ids are used again)."""
    facts = process_facts(pid)
    return facts is not None and facts.start_time == start_time and not facts.is_dead


def session_members(session: int) -> list[ProcessFacts]:
    """Every process of a session, zombies included; a child of ours leads a session with its own id."""
    pids = [int(entry.name) for entry in PROC.iterdir() if entry.name.isdigit()]
    facts = [process_facts(pid) for pid in pids]
    return [fact for fact in facts if fact is not None and fact.session == session]


def command_line(pid: int) -> list[str]:
    """The arguments of a process, empty for a zombie."""
    try:
        raw = (PROC / str(pid) / "cmdline").read_bytes()
    except OSError:
        return []
    return [part.decode(errors="replace") for part in raw.split(b"\0") if part]


def boot_id() -> str:
    """Changes at every boot, so that process ids written down before it are not believed."""
    return (PROC / "sys/kernel/random/boot_id").read_text().strip()
