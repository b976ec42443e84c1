"""Which subscriptions may run once for everybody who sees the same."""

from dataclasses import dataclass

SHARED = "shared"


@dataclass(frozen=True)
class Shared:
    """A subscription each of whose events tells the whole state, so that who comes later may begin with the last one.

    Stands in the field's metadata under `SHARED`. Calls with the argument `unless` ask for what came before they came,
    and run by themselves.
    """

    unless: str
