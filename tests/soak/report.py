"""What a soak tells at its end."""

import os
import statistics
from collections import Counter
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from tests.faults.restarts import restarts_of
from tests.faults.storm import Kind
from tests.faults.verdict import Verdict
from tests.soak.trial import Trial

SHOWN = 40
Row = tuple[str, str, str]


def rows_of(trial: Trial, verdict: Verdict, seconds: float) -> list[Row]:
    """What, how much, and what was to be reached."""
    jobs = verdict.evidence.jobs
    statuses = Counter(job["status"] for job in jobs)
    problems = Counter(job["problem"]["code"] for job in jobs if job["status"] == "FAILED")
    attempts = Counter(job["attempt"] for job in jobs)
    lost = sum("is lost" in fault for fault in verdict.faults)
    postings = [p["amount"] for t in verdict.evidence.credit_transfers for p in t["postings"]]
    return [
        ("seed", str(trial.seed), ""),
        ("seconds", f"{seconds:.0f}", ""),
        ("load average of the machine", f"{os.getloadavg()[1]:.1f} on {os.cpu_count()} cores", ""),
        ("jobs", _counts(statuses), "all ended"),
        ("jobs by attempts", _counts(attempts), ""),
        ("why jobs failed", _counts(problems), ""),
        ("harm done", _counts(Counter(f"{b.harm.kind.value} {b.harm.victim}" for b in trial.storm.blows)), ""),
        *_restart_rows(trial, verdict),
        ("Redis lost all: known again, s", _span(trial.recoveries), "60"),
        ("writes by a worker that was frozen", f"{len(trial.late_writes)} in {trial.thaws} thaws", "0"),
        ("objects it wrote and removed again", str(len(trial.late_objects)), "0"),
        ("accepted jobs lost", str(lost), "0"),
        ("sum of all postings", str(sum(postings)), "0"),
        ("transfers", str(len(verdict.evidence.credit_transfers)), ""),
        ("objects", str(len(verdict.evidence.objects)), ""),
        ("orphan objects", _counts(Counter({kind: len(keys) for kind, keys in verdict.orphans.items()})), ""),
        ("connections of watchers", str(sum(person.watchers.connections for person in trial.crowd.people)), ""),
        ("errors seen by clients", _counts(Counter({" ".join(k): n for k, n in trial.crowd.codes().items()})), ""),
        ("faults", str(len(verdict.faults)), "0"),
    ]


def _restart_rows(trial: Trial, verdict: Verdict) -> list[Row]:
    jobs = {job["_id"]: job for job in verdict.evidence.jobs}
    rows = []
    for name, kind in (("killed", Kind.KILL), ("frozen", Kind.FREEZE)):
        blows = [blow for blow in trial.storm.blows if blow.harm.kind is kind]
        hit = sum(len(blow.held) for blow in blows)
        restarts = restarts_of(blows, jobs)
        queued, begun = [r.queued_after for r in restarts], [r.begun_after for r in restarts]
        rows.append((f"worker {name}: back in the queue, s", f"{_span(queued)} of {hit} hit", ""))
        rows.append((f"worker {name}: begun elsewhere, s", _span(begun), "30"))
    return rows


def _span(seconds: Sequence[float]) -> str:
    if not seconds:
        return "none"
    ordered = sorted(seconds)
    p95 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]
    return f"median {statistics.median(seconds):.1f}, 95 % {p95:.1f}, max {ordered[-1]:.1f}, {len(seconds)} times"


def _counts(counter: Counter[str] | Counter[int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(counter.items(), key=str)) or "none"


def show(console: Console, title: str, rows: Sequence[Row], verdict: Verdict, late: Sequence[str]) -> None:
    table = Table("what", "found", "reach", title=title)
    for row in rows:
        table.add_row(*row)
    console.print(table)
    for fault in [*verdict.faults, *late][:SHOWN]:
        console.print(fault, highlight=False, soft_wrap=True)
    for kind, keys in verdict.orphans.items():
        console.print(f"orphans {kind}: {', '.join(keys[:3])}", highlight=False, soft_wrap=True)
