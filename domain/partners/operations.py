"""Registered operations: documents that an organisation's servers may run, by the hash of their exact text. Pure."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

MAX_OPERATIONS = 2000
MAX_AT_ONCE = 200
MAX_ALIASES = 10
MARK = "sha256:"

_ALIAS = re.compile(r"[A-Za-z0-9_.:-]{1,128}")
_SHA_256 = re.compile(r"[0-9a-f]{64}")


class OperationType(StrEnum):
    QUERY = "QUERY"
    MUTATION = "MUTATION"
    SUBSCRIPTION = "SUBSCRIPTION"


@dataclass(frozen=True)
class OperationUpload:
    """A document to register. `id` is what a tool calls it; without one it has only its hash."""

    text: str = field(repr=False)
    id: str | None = None

    @property
    def digest(self) -> str:
        return digest_of(self.text)

    @property
    def alias(self) -> str | None:
        """Its id where that is another name than its hash."""
        name = None if self.id is None else plain_id(self.id)
        return None if name == self.digest else name

    @property
    def id_issue(self) -> str | None:
        """Why its id cannot be one."""
        alias = self.alias
        if alias is None:
            return None
        if _SHA_256.fullmatch(alias):
            return f"The id {alias} has the form of a SHA-256, and is not the one of the text, {self.digest}."
        if not _ALIAS.fullmatch(alias):
            return "An id has 1 to 128 letters, digits, dots, colons, hyphens and underscores of ASCII."
        return None


@dataclass(frozen=True)
class Inspection:
    """What reading a document has shown. `cost` is in points, with the default values of its variables."""

    name: str | None
    type: OperationType
    cost: int


class Inspector(Protocol):
    """The port to whoever knows the schema and the limits of documents."""

    def inspect(self, text: str) -> Inspection | Sequence[str]:
        """What the document is, or everything found that keeps it from being run."""
        ...


@dataclass(frozen=True)
class RegisteredOperation:
    """One document of one organisation's safelist. `aliases` are ids that tools gave it."""

    id: str
    organisation_id: str
    digest: str
    aliases: Sequence[str]
    text: str = field(repr=False)
    name: str | None
    type: OperationType
    cost: int
    registered_at: datetime
    registered_by: str


def digest_of(text: str) -> str:
    """SHA-256 of the exact text in UTF-8, in lower-case hexadecimal."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def plain_id(document_id: str) -> str:
    """A document id without the mark of its hash."""
    return document_id.removeprefix(MARK)
