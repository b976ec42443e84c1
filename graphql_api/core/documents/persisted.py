"""Documents that are asked for by id: registered ones from a safelist, and those that clients have had kept before."""

import re
from dataclasses import replace
from hashlib import sha256
from typing import Protocol

from prometheus_client import Counter

from domain.kit.kept_texts import KeptTexts
from graphql_api.core.context import Context
from graphql_api.core.documents.operations import OperationRequest, OperationSource
from graphql_api.core.documents.reading import Document, Documents
from graphql_api.core.policy import LONGEST_KEPT
from graphql_api.core.refusals import (
    BadRequest,
    OperationNotRegistered,
    PersistedQueryHashMismatch,
    PersistedQueryNotFound,
    UnknownCredentials,
)

ASKED = Counter("cadenza_graphql_persisted_total", "Documents asked for by id, and texts of partners.", ["outcome"])

MARK = "sha256:"
_SHA_256 = re.compile(r"[0-9a-f]{64}")


class Listed(Protocol):
    """A registered document."""

    @property
    def digest(self) -> str: ...

    @property
    def text(self) -> str: ...


class Safelist(Protocol):
    """The port to what organisations have registered."""

    async def find(self, organisation_id: str, document_id: str) -> Listed | None:
        """By its hash, without a mark, or by another id that it was registered under."""
        ...


class PersistedSource:
    """An organisation runs what it has registered and nothing else.

    All others may ask for what the organisation `public` has registered, and, with `kept`, for any text by its hash
    once somebody has sent both.
    """

    def __init__(
        self,
        texts: OperationSource,
        registered: Documents,
        safelist: Safelist,
        kept: KeptTexts | None = None,
        public: str | None = None,
    ) -> None:
        self._texts = texts
        self._registered = registered
        self._safelist = safelist
        self._kept = kept
        self._public = public

    async def find(self, request: OperationRequest, context: Context) -> Document:
        document_id = _id_of(request)
        if context.is_partner:
            return await self._of_partner(request, document_id, context.caller.require_partner())
        if document_id is not None and self._public is not None and request.query is None:
            listed = await self._safelist.find(self._public, document_id)
            if listed is not None:
                return self._read(listed, "public")
        if request.only_registered:
            raise _unknown(context)
        if document_id is None or self._kept is None:
            if document_id is not None and request.query is None and context.is_refused:
                raise _unknown(context)
            return await self._texts.find(request, context)
        return await self._automatic(request, document_id, self._kept, context)

    async def _of_partner(self, request: OperationRequest, document_id: str | None, organisation_id: str) -> Document:
        if request.query is not None:
            digest = _checked(request.query, document_id)
            listed = await self._safelist.find(organisation_id, digest)
            if listed is None:
                ASKED.labels("refused").inc()
                raise OperationNotRegistered(
                    "Your organisation has not registered this document. Publish it, then ask for it by its id."
                )
            return self._read(listed)
        if document_id is None:
            raise BadRequest("The request has no 'documentId'.")
        listed = await self._safelist.find(organisation_id, document_id)
        if listed is None:
            ASKED.labels("unknown").inc()
            raise PersistedQueryNotFound("PersistedQueryNotFound")
        return self._read(listed)

    async def _automatic(
        self, request: OperationRequest, document_id: str, kept: KeptTexts, context: Context
    ) -> Document:
        """What Apollo calls automatic persisted queries; only what is valid is kept."""
        if request.query is not None:
            digest = _checked(request.query, document_id)
            document = await self._texts.find(request, context)
            if digest == document_id and len(request.query) <= LONGEST_KEPT:
                await kept.put(digest, request.query)
            return document
        text = await kept.get(document_id) if _SHA_256.fullmatch(document_id) else None
        if text is None or _digest(text) != document_id:
            raise _unknown(context)
        ASKED.labels("kept").inc()
        return await self._texts.find(replace(request, query=text), context)

    def _read(self, listed: Listed, outcome: str = "registered") -> Document:
        """Read once per process; raises `DocumentInvalid` for what the schema does not allow any more."""
        ASKED.labels(outcome).inc()
        return self._registered.by_digest(listed.digest) or self._registered.read(listed.text)


def _id_of(request: OperationRequest) -> str | None:
    """Raises `BadRequest` when a request names two documents."""
    by_document = None if request.document_id is None else request.document_id.removeprefix(MARK)
    by_hash = request.persisted_hash
    if by_document is not None and by_hash is not None and by_document != by_hash:
        raise BadRequest("'documentId' and the extension 'persistedQuery' name two different documents.")
    return by_hash if by_document is None else by_document


def _checked(text: str, document_id: str | None) -> str:
    """The text's hash; raises `PersistedQueryHashMismatch` when it was sent with another one."""
    digest = _digest(text)
    if document_id is not None and _SHA_256.fullmatch(document_id) and document_id != digest:
        raise PersistedQueryHashMismatch("The hash is not the SHA-256 of the text that was sent with it.")
    return digest


def _unknown(context: Context) -> PersistedQueryNotFound | UnknownCredentials:
    """An organisation whose key was revoked is told so: its documents are not what is wrong."""
    ASKED.labels("unknown").inc()
    if context.is_refused:
        return UnknownCredentials("The token or key of this call is not valid, has expired or was revoked.")
    return PersistedQueryNotFound("PersistedQueryNotFound")


def _digest(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
