"""Under which licences the models work that made a version, and what the strictest of them allows. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Terms:
    """The licence of one model; `commercial_use` is None where nobody knows whether it allows that."""

    licence: str
    commercial_use: bool | None


def joined(terms: Iterable[Terms]) -> tuple[Terms, ...]:
    """Each once, in the order in which they came."""
    return tuple(dict.fromkeys(terms))


def commercial_use(terms: Sequence[Terms]) -> bool | None:
    """False where one forbids it, else None where nobody knows of one, else True, as where there is none."""
    said = {one.commercial_use for one in terms}
    return False if False in said else None if None in said else True


def licence_text(terms: Sequence[Terms]) -> str:
    """All of them hold at once, which SPDX writes with AND; empty for none."""
    return " AND ".join(one.licence for one in terms)
