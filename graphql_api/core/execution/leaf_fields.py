"""Scalars and enums that lie in an object: most of what is ever asked for.

Those of one object are read and written in one go. When something is out of the ordinary with one of them, each is
written by a step of its own, which knows what to do about errors.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter
from typing import Any

from graphql_api.core.execution.leaves import WRITTEN_AS_THEY_ARE, Write, writer
from graphql_api.core.execution.resolving import FieldSite, Reading
from graphql_api.core.execution.run import Position, Run

Step = Callable[[Run, Any, "Position | None", dict[str, Any]], None]
Begin = Callable[[Any], dict[str, Any]]


@dataclass(frozen=True)
class Leaf:
    """One such field, its key in the answer, and its type without the mark of being non-null."""

    key: str
    field: FieldSite
    reading: Reading
    kind: Any
    nullable: bool

    @property
    def expression(self) -> str:
        """Python for what is written, from a variable named after the key that has what the attribute holds."""
        if self.field.asks_typename:
            return repr(self.field.parent.name)
        exact = None if self.reading.made else WRITTEN_AS_THEY_ARE.get(self.kind.name)
        held, written = f"the_{self.key}", f"write_{self.key}(the_{self.key})"
        return written if exact is None else f"{held} if type({held}) is {exact.__name__} else {written}"

    @cached_property
    def write(self) -> Write:
        """From what the attribute holds; raises `TypeError` for a null that may not be."""
        nullable, field, made = self.nullable, self.field, self.reading.made
        write, as_it_is = writer(self.kind, field.label), WRITTEN_AS_THEY_ARE.get(self.kind.name)

        def write_some(value: Any) -> Any:
            if value is not None:
                return write(value)
            if not nullable:
                raise unexpected_null(field)
            return None

        def write_made(held: Any) -> Any:
            value = made(held) if made is not None else held
            return value if type(value) is as_it_is else write_some(value)

        return write_some if made is None else write_made

    def step(self) -> Step:
        key, nullable, nodes, typename = self.key, self.nullable, self.field.nodes, self.field.parent.name
        get, write = attrgetter(self.reading.attribute), self.write

        def step(run: Run, source: Any, parent: Position | None, out: dict[str, Any]) -> None:
            try:
                out[key] = write(get(source))
            except Exception as error:
                out[key] = None
                run.fail(error, nodes, Position(out, key, parent, nullable, typename))

        return step


def beginning(keys: Sequence[str], leaves: Mapping[str, Leaf]) -> Begin:
    """A function that begins the answer of an object; it raises whatever goes wrong with any of the leaves.

    It is Python made for these leaves, like this, where the title is mostly a `str`:

        def begin(source):
            the_title = source.record.title
            return {"title": the_title if type(the_title) is str else write_title(the_title), "currentVersion": None}
    """
    reads = [f" the_{key} = source.{leaf.reading.attribute}" for key, leaf in leaves.items()]
    entries = [f"{key!r}: {leaves[key].expression if key in leaves else None}" for key in keys]
    made: dict[str, Any] = {f"write_{key}": leaf.write for key, leaf in leaves.items()}
    # Keys are names of GraphQL, so that they can be nothing but identifiers.
    exec("\n".join(["def begin(source):", *reads, f" return {{{', '.join(entries)}}}"]), made)  # noqa: S102
    begin: Begin = made["begin"]
    return begin


def unexpected_null(field: FieldSite) -> TypeError:
    return TypeError(f"Cannot return null for non-nullable field {field.label}.")
