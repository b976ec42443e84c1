"""Scalars of the contract that GraphQL does not have by itself."""

from typing import NewType

import strawberry
from strawberry.types.scalar import ScalarDefinition

URL = NewType("URL", str)
BigInt = NewType("BigInt", int)

SCALARS: dict[object, ScalarDefinition] = {
    URL: strawberry.scalar(name="URL", description="An absolute address (RFC 3986).", serialize=str),
    BigInt: strawberry.scalar(name="BigInt", description="A whole number beyond 32 bits.", serialize=int),
}
