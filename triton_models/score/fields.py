"""Typed reading of JSON objects whose complaints name the wrong field by its full path."""

import json
import math
from collections.abc import Collection, Iterator
from typing import cast


class FieldError(ValueError):
    """A document has a wrong field; `field` is its path, such as `tracks[2].notes[0]`."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field} {reason}")
        self.field = field
        self.reason = reason


class Fields:
    """One JSON object at `path`; every getter raises `error` when its field is missing or wrong."""

    def __init__(self, value: object, path: str, error: type[FieldError]) -> None:
        if not isinstance(value, dict):
            raise error(path or "document", "must be a JSON object")
        self._values = cast(dict[str, object], value)
        self._path = path
        self._error = error

    @classmethod
    def parse(cls, text: str | bytes, error: type[FieldError]) -> "Fields":
        try:
            value = json.loads(text)
        except (ValueError, RecursionError) as broken:
            raise error("document", f"is not JSON: {broken}") from broken
        return cls(value, "", error)

    def path(self, name: str) -> str:
        return f"{self._path}.{name}" if self._path else name

    def fail(self, name: str, reason: str) -> FieldError:
        return self._error(self.path(name), reason)

    def absent(self, name: str) -> bool:
        """True for a field that is missing or null."""
        return self._values.get(name) is None

    def child(self, name: str) -> "Fields":
        return Fields(self._require(name), self.path(name), self._error)

    def text(self, name: str, *, longest: int = 200, choices: Collection[str] | None = None) -> str:
        value = self._require(name)
        if not isinstance(value, str):
            raise self.fail(name, "must be a string")
        if len(value) > longest:
            raise self.fail(name, f"must have at most {longest} characters")
        if choices is not None and value not in choices:
            raise self.fail(name, f"must be one of {', '.join(choices)}, not {value[:60]!r}")
        return value

    def number(self, name: str, low: float, high: float) -> float:
        value = self._require(name)
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise self.fail(name, "must be a finite number")
        if not low <= value <= high:
            raise self.fail(name, f"must be between {low:g} and {high:g}, not {value:g}")
        return float(value)

    def number_or(self, name: str, usual: float, low: float, high: float) -> float:
        """The usual one for a field that is missing or null."""
        return usual if self.absent(name) else self.number(name, low, high)

    def integer(self, name: str, low: int, high: int) -> int:
        value = self._require(name)
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.fail(name, "must be an integer")
        if not low <= value <= high:
            raise self.fail(name, f"must be between {low} and {high}, not {value}")
        return value

    def boolean(self, name: str) -> bool:
        value = self._require(name)
        if not isinstance(value, bool):
            raise self.fail(name, "must be true or false")
        return value

    def items(self, name: str, longest: int) -> list[object]:
        value = self._require(name)
        if not isinstance(value, list):
            raise self.fail(name, "must be an array")
        if len(value) > longest:
            raise self.fail(name, f"must have at most {longest} items")
        return cast(list[object], value)

    def objects(self, name: str, longest: int) -> Iterator["Fields"]:
        for index, value in enumerate(self.items(name, longest)):
            yield Fields(value, f"{self.path(name)}[{index}]", self._error)

    def names(self, name: str, longest: int, choices: Collection[str]) -> tuple[str, ...]:
        """An array of distinct-or-not strings, each one of `choices`."""
        row = self.items(name, longest)
        for index, value in enumerate(row):
            if not isinstance(value, str) or value not in choices:
                shown = value[:60] if isinstance(value, str) else value
                raise self._error(f"{self.path(name)}[{index}]", f"is not known: {shown!r}")
        return tuple(cast(list[str], row))

    def _require(self, name: str) -> object:
        if name not in self._values:
            raise self.fail(name, "is missing")
        return self._values[name]
