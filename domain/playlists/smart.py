"""Smart playlists: a rule, an order, and how many. Pure data and rules."""

from dataclasses import dataclass

from domain.kit.errors import Issue, ValidationFailed
from domain.kit.keyset import Order, Place, place_from_text, place_to_text
from domain.library.listing import ORDERS, TrackSort, place_of
from domain.library.model import Track
from domain.library.rule_issues import rule_issues
from domain.library.rules import Rule

MAX_LIMIT = 10_000


@dataclass(frozen=True)
class SmartDefinition:
    """What stands in a smart playlist: the first `limit` tracks, of the owner's own, that the rule chooses."""

    rule: Rule
    sort: TrackSort = TrackSort.CREATED_AT_DESC
    limit: int | None = None

    @property
    def order(self) -> Order:
        return ORDERS[self.sort]

    @property
    def most(self) -> int:
        """How many there may be; without a limit as many as fit into any playlist."""
        return MAX_LIMIT if self.limit is None else self.limit


@dataclass(frozen=True)
class Spot:
    """Where a page of a smart playlist ended: behind the so manieth track, which was at this place of the order.

    With the number the list ends at its limit, whatever comes and goes before it; with the place it goes on behind the
    same track.
    """

    number: int
    place: Place


@dataclass(frozen=True)
class ChosenTrack:
    """A track and the how manieth it is, from 1."""

    number: int
    track: Track

    def text(self, order: Order) -> str:
        return f"{self.number}.{place_to_text(order, place_of(order, self.track))}"


def spot_from_text(order: Order, text: str) -> Spot:
    """Raises `ValidationFailed` for a text that is no spot in this order."""
    number, _, place = text.partition(".")
    if not (number.isascii() and number.isdigit() and 1 <= len(number) <= len(str(MAX_LIMIT))):
        raise ValidationFailed([Issue("after", "'after' is not a cursor of this list.")])
    return Spot(int(number), place_from_text(order, place))


def definition_issues(definition: SmartDefinition) -> list[Issue]:
    issues = rule_issues(definition.rule)
    if definition.limit is not None and not 1 <= definition.limit <= MAX_LIMIT:
        issues.append(Issue("limit", f"'limit' must be between 1 and {MAX_LIMIT:,}, or left out."))
    return issues
