"""What an organisation's servers have used, by day and operation. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from domain.kit.errors import Issue

LONGEST_PERIOD = timedelta(days=92)
MOST_OPERATIONS = 100


@dataclass(frozen=True)
class Usage:
    """Calls, the points that they cost, and how many of them had errors."""

    calls: int = 0
    cost: int = 0
    errors: int = 0

    def plus(self, other: "Usage") -> "Usage":
        return Usage(self.calls + other.calls, self.cost + other.cost, self.errors + other.errors)


@dataclass(frozen=True)
class UsageKey:
    organisation_id: str
    day: date
    digest: str


@dataclass(frozen=True)
class OperationUsage:
    """`name` is the operation's own at the time of its last use."""

    digest: str
    name: str | None
    usage: Usage


@dataclass(frozen=True)
class UsageReport:
    """`operations` are those that cost most, the dearest first; `days` has those on which something was called."""

    days: Sequence[tuple[date, Usage]]
    operations: Sequence[OperationUsage]
    total: Usage = field(init=False)

    def __post_init__(self) -> None:
        total = Usage()
        for _, usage in self.days:
            total = total.plus(usage)
        object.__setattr__(self, "total", total)


def period_issues(first: date, last: date) -> list[Issue]:
    if not timedelta() <= last - first < LONGEST_PERIOD:
        return [Issue("to", f"A period has 1 to {LONGEST_PERIOD.days} days, both ends included.")]
    return []
