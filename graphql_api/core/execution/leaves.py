"""How scalars and enums are written: as their types say, with shortcuts for what needs no conversion."""

from collections.abc import Callable
from math import isfinite
from typing import Any

from graphql import GraphQLLeafType, Undefined, is_enum_type

Write = Callable[[Any], Any]

# Scalars of GraphQL itself whose values of these very types need no conversion.
WRITTEN_AS_THEY_ARE = {"String": str, "ID": str, "Boolean": bool}
INTS = range(-(2**31), 2**31)


def writer(kind: GraphQLLeafType, label: str) -> Write:
    """Raises what the type raises for a value that is none of its own, and `TypeError` when nothing comes of one."""
    convert = kind.coerce_output_value

    def write(value: Any) -> Any:
        written = convert(value)
        if written is None or written is Undefined:
            raise TypeError(f"A value of {label} could not be written.")
        return written

    if is_enum_type(kind):
        return _remembering(write)
    if kind.name == "Float":
        return lambda value: value if type(value) is float and isfinite(value) else write(value)
    if kind.name == "Int":
        return lambda value: value if type(value) is int and value in INTS else write(value)
    return write


def _remembering(write: Write) -> Write:
    """An enum has few values, and strawberry looks through all of them each time."""
    names: dict[Any, Any] = {}

    def remember(value: Any) -> Any:
        try:
            return names[value]
        except KeyError:
            names[value] = written = write(value)
            return written
        except TypeError:
            # A value that cannot be hashed.
            return write(value)

    return remember
