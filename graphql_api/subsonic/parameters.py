"""What a client sends: the parameters of its address and of its form, each checked when it is asked for."""

from collections.abc import Mapping, Sequence
from urllib.parse import parse_qsl

from graphql_api.subsonic.failures import Code, Failed

# The longest playlist, and what every call has.
MOST_FIELDS = 10_100
MOST_NUMBER = 10**15


class Parameters:
    """Names may come more than once. All readers raise `Failed`."""

    def __init__(self, given: Mapping[str, Sequence[str]]) -> None:
        self._given = given

    @classmethod
    def read(cls, *encoded: bytes) -> "Parameters":
        """From a query and a form, of which the latter stands behind."""
        given: dict[str, list[str]] = {}
        try:
            for part in encoded:
                text = part.decode("latin-1")
                for name, value in parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS):
                    given.setdefault(name, []).append(value)
        except ValueError:
            raise Failed(Code.GENERIC, f"A call has at most {MOST_FIELDS:,} parameters.") from None
        return cls(given)

    def text(self, name: str) -> str | None:
        """The last one of this name; None for an empty one, too."""
        return self._given.get(name, [""])[-1] or None

    def has(self, name: str) -> bool:
        return name in self._given

    def required(self, name: str) -> str:
        found = self.text(name)
        if found is None:
            raise Failed(Code.MISSING_PARAMETER, f"The parameter '{name}' is missing.")
        return found

    def many(self, *names: str) -> Sequence[str]:
        """All of these names, in order."""
        return [value for name in names for value in self._given.get(name, ()) if value]

    def number(self, name: str, otherwise: int, least: int = 0, most: int = MOST_NUMBER) -> int:
        """Moved into the bounds when it lies outside."""
        found = self.text(name)
        if found is None:
            return otherwise
        if not (found.isascii() and found.removeprefix("-").isdecimal() and len(found) <= len(str(MOST_NUMBER))):
            raise Failed(Code.GENERIC, f"'{name}' is not a whole number.")
        return max(least, min(most, int(found)))

    def numbers(self, name: str) -> Sequence[int]:
        return [Parameters({name: [each]}).number(name, 0) for each in self.many(name)]

    def flag(self, name: str, otherwise: bool) -> bool:
        found = self.text(name)
        if found is None:
            return otherwise
        if found.lower() not in ("true", "false"):
            raise Failed(Code.GENERIC, f"'{name}' is either true or false.")
        return found.lower() == "true"
