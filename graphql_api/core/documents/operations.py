"""What a client sends: its shape, and where the document comes from."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol
from urllib.parse import parse_qsl

import orjson
from graphql import GraphQLError

from graphql_api.core.documents.reading import Document, Documents
from graphql_api.core.documents.turns import Turns
from graphql_api.core.refusals import BadRequest, DocumentInvalid, PersistedQueryNotSupported


@dataclass(frozen=True)
class OperationRequest:
    """The parameters of GraphQL over HTTP, of the right types. Either `query` or an id says which document.

    `only_registered` is set by transports that run nothing else.
    """

    query: str | None = None
    document_id: str | None = None
    operation_name: str | None = None
    variables: Mapping[str, Any] = field(default_factory=dict)
    extensions: Mapping[str, Any] = field(default_factory=dict)
    only_registered: bool = False

    @classmethod
    def parse(cls, sent: object) -> "OperationRequest":
        """From decoded JSON; raises `BadRequest` with what is wrong."""
        if isinstance(sent, list):
            raise BadRequest("Batches are not taken: send one operation per request.")
        if not isinstance(sent, dict):
            raise BadRequest("A request is a JSON object with at least a 'query'.")
        return cls(
            query=_text(sent, "query"),
            document_id=_text(sent, "documentId"),
            operation_name=_text(sent, "operationName"),
            variables=_object(sent, "variables"),
            extensions=_object(sent, "extensions"),
        )

    @property
    def persisted_hash(self) -> str | None:
        """The hash of Apollo's `persistedQuery` extension."""
        persisted = self.extensions.get("persistedQuery")
        found = persisted.get("sha256Hash") if isinstance(persisted, dict) else None
        return found if isinstance(found, str) else None


class OperationSource(Protocol):
    """Finds the document that a request means. `context` says who asks."""

    async def find(self, request: OperationRequest, context: Any) -> Document:
        """Raises a `Refusal`."""
        ...


class TextSource:
    """Takes documents as text only. Says so in the words that make a client with hashes send the text."""

    def __init__(self, documents: Documents, turns: Turns, *, open_to_the_curious: bool) -> None:
        self._documents = documents
        self._turns = turns
        self._open = open_to_the_curious

    async def find(self, request: OperationRequest, context: Any) -> Document:
        if request.query is None:
            if request.document_id is not None or request.persisted_hash is not None:
                raise PersistedQueryNotSupported("PersistedQueryNotSupported")
            raise BadRequest("The request has no 'query'.")
        if not request.query.strip():
            raise DocumentInvalid([GraphQLError("Syntax Error: Unexpected <EOF>.")])
        if (known := self._documents.known(request.query)) is not None:
            return known
        async with self._turns.take(context.payer):
            return self._documents.read(request.query, hide_suggestions=not self._open and context.is_anonymous)


def names_document(query_string: bytes) -> bool:
    """Whether the parameters of a GET ask for a document by id, and send no text."""
    names = {name for name, _ in parse_qsl(query_string.decode("latin-1"), keep_blank_values=True)}
    return "query" not in names and not names.isdisjoint({"documentId", "extensions"})


def from_url(query_string: bytes) -> OperationRequest:
    """The parameters of a GET, where objects are JSON; raises `BadRequest`. Only registered documents are run by it."""
    sent: dict[str, Any] = dict(parse_qsl(query_string.decode("latin-1"), keep_blank_values=True))
    for name in ("variables", "extensions"):
        if name in sent:
            try:
                sent[name] = orjson.loads(sent[name])
            except orjson.JSONDecodeError as error:
                raise BadRequest(f"'{name}' is not JSON.") from error
    return replace(OperationRequest.parse(sent), only_registered=True)


def decode(body: bytes | str) -> object:
    """Raises `BadRequest` for what is no JSON."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise BadRequest("The body is not JSON.") from error


def _text(sent: Mapping[str, Any], name: str) -> str | None:
    value = sent.get(name)
    if value is not None and not isinstance(value, str):
        raise BadRequest(f"'{name}' must be a string.")
    return value


def _object(sent: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = sent.get(name)
    if value is not None and not isinstance(value, dict):
        raise BadRequest(f"'{name}' must be an object.")
    return value or {}
