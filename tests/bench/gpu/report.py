"""The table as Markdown: what was measured on which device, and how far it is from what was to be reached."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

EAGER, STATIC = "transformers, eager", "transformers, static cache and compile"
OURS = "onnxruntime, caches on the device"
PLANNED = "TensorRT, caches on the device"
FLOOR_SHARE, TIMES_REAL_TIME = 0.6, 300.0
BESIDE_STATIC = {1: 3.0, 64: 8.0}


@dataclass(frozen=True)
class Measured:
    """One way with so many requests: seconds of all their songs, and of a step of the decoder; None is not measured."""

    requests: int
    way: str
    songs: float | None
    step: float | None
    floor: float


@dataclass(frozen=True)
class Report:
    """`seconds` of sound in a song, `bandwidth` in bytes a second; `versions` of what ran, `notes` on what did not."""

    day: date
    device: str
    subject: str
    seconds: float
    bandwidth: float
    versions: Mapping[str, str]
    rows: Sequence[Measured]
    notes: Sequence[str] = ()

    def found(self, requests: int, way: str) -> Measured | None:
        return next((row for row in self.rows if (row.requests, row.way) == (requests, way)), None)

    def times_real_time(self, row: Measured) -> float | None:
        """Of all songs together."""
        return None if row.songs is None else row.requests * self.seconds / row.songs


def file_name(report: Report) -> str:
    """DATE-DEVICE.md, in small letters and digits."""
    device = "-".join("".join(letter if letter.isalnum() else " " for letter in report.device.lower()).split())
    return f"{report.day.isoformat()}-{device}.md"


def write(report: Report, folder: Path) -> Path:
    """Replaces the table of the same day and device."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / file_name(report)
    file.write_text(markdown(report))
    return file


def markdown(report: Report) -> str:
    """All of the page."""
    head = ["requests", "way", "all songs", "times real time", "a step", "of the floor"]
    lines = [
        f"# Songs as samples on {report.device}, {report.day.isoformat()}",
        "",
        f"Songs of {report.seconds:g} s with guidance, {report.subject}. The device copies "
        f"{report.bandwidth / 1e9:.0f} GB a second, read and written bytes together. The floor is what a step reads, "
        "weights and keys and values in the middle of a song, at that speed.",
        "",
        ", ".join(f"{name} {version}" for name, version in report.versions.items()),
        "",
        _line(head),
        _line(["---"] * len(head)),
        *(_line(_cells(report, row)) for row in report.rows),
        "",
        "| to be reached | wanted | found |",
        "|---|---|---|",
        *(_line(cells) for cells in reaches(report)),
        "",
        *(f"- {note}" for note in report.notes),
    ]
    return "\n".join(lines).rstrip() + "\n"


def reaches(report: Report) -> list[list[str]]:
    """What was to be reached, how much of it, and what was found."""
    one, many = report.found(1, OURS), report.found(64, OURS)
    share = None if one is None or one.step is None else one.floor / one.step
    real = None if many is None else report.times_real_time(many)
    rows = [
        ["share of the floor at one request", f"{FLOOR_SHARE:.0%}", _told(share, "{:.0%}")],
        ["times real time at 64 requests", f"{TIMES_REAL_TIME:g}", _told(real, "{:.0f}")],
    ]
    for requests, wanted in BESIDE_STATIC.items():
        ours, theirs = report.found(requests, OURS), report.found(requests, STATIC)
        told = _told(_ratio(theirs, ours), "{:.1f} times")
        rows.append([f"beside static cache and compile at {requests}", f"{wanted:g} times", told])
    return rows


def _ratio(slow: Measured | None, fast: Measured | None) -> float | None:
    if slow is None or fast is None or slow.songs is None or fast.songs is None:
        return None
    return slow.songs / fast.songs


def _cells(report: Report, row: Measured) -> list[str]:
    real, share = report.times_real_time(row), None if row.step is None else row.floor / row.step
    milliseconds = None if row.step is None else 1000 * row.step
    told = [
        _told(row.songs, "{:.2f} s"),
        _told(real, "{:.1f}"),
        _told(milliseconds, "{:.2f} ms"),
        _told(share, "{:.0%}"),
    ]
    return [str(row.requests), row.way, *told]


def _told(value: float | None, pattern: str) -> str:
    return "" if value is None else pattern.format(value)


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
