"""Object types that show a record of the domain: nothing is copied, and what nobody asks for is never looked at."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from operator import attrgetter
from typing import Any, ClassVar, Self, TypeVar, cast

from strawberry.types.field import StrawberryField

RECORD = "record"

T = TypeVar("T", bound="Shown")


class Shown:
    """Has a private field `record`, and is decorated with `shows_record`.

    `PLACES` tells where a field without a resolver is read from.
    """

    PLACES: ClassVar[Mapping[str, str]]

    @classmethod
    def of(cls, record: Any) -> Self:
        shown = cls.__new__(cls)
        vars(shown)[RECORD] = record
        return shown


def shows_record(within: str = "", /, **others: str) -> Callable[[type[T]], type[T]]:
    """Has each field without a resolver read from the attribute of its name, of the record or of what is `within` it.

    `others` are the attributes, of the record or of what lies in it, of fields that lie elsewhere.
    """
    inside = f"{within}." if within else ""

    def decorate(kind: type[T]) -> type[T]:
        read = [field.name for field in fields(cast(Any, kind)) if field.name != RECORD and not _is_resolved(field)]
        kind.PLACES = {name: f"{RECORD}.{others.get(name, inside + name)}" for name in read}
        for name, place in kind.PLACES.items():
            setattr(kind, name, property(attrgetter(place)))
        return kind

    return decorate


def _is_resolved(field: Any) -> bool:
    return isinstance(field, StrawberryField) and field.base_resolver is not None
