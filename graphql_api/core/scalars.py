"""Scalars of the contract that GraphQL does not have by itself, or that strawberry reads less strictly."""

from datetime import UTC, datetime
from typing import NewType

import strawberry
from strawberry.exceptions import StrawberryInputCoercionError
from strawberry.types.scalar import ScalarDefinition

URL = NewType("URL", str)
BigInt = NewType("BigInt", int)


def moment(value: object) -> datetime:
    """In UTC, where the text says how far from it it is; raises `StrawberryInputCoercionError`.

    At either end of the calendar there are texts whose moment in UTC is of no year that there is.
    """
    if not isinstance(value, str):
        raise StrawberryInputCoercionError(f'Value cannot represent a DateTime: "{value}". Expected a string.')
    try:
        found = datetime.fromisoformat(value.upper())
        return found if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise StrawberryInputCoercionError(f'Value cannot represent a DateTime: "{value}". {error}') from None


SCALARS: dict[object, ScalarDefinition] = {
    URL: strawberry.scalar(name="URL", description="An absolute address (RFC 3986).", serialize=str),
    BigInt: strawberry.scalar(name="BigInt", description="A whole number beyond 32 bits.", serialize=int),
    datetime: strawberry.scalar(
        name="DateTime",
        description="A moment with its offset from UTC (RFC 3339).",
        serialize=datetime.isoformat,
        parse_value=moment,
    ),
}
