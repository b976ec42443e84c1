"""The gates of the schema: every argument and input field, at any depth, by which something can be asked for.

All of the type `ID` are gates, and so is every text that is not known to be prose. A field that comes later is swept
without anybody thinking of it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_required_argument,
    is_required_input_field,
)

from adapters.memory.audio_engine import MELODIC
from tests.graphql.selections import Selections, call, declared

ROOTS = {"Query": "query", "Mutation": "mutation", "Subscription": "subscription"}
# Texts that are read or kept as they are, and by which nothing is ever looked up.
PROSE = frozenset(
    {
        "artist",
        "beginsWith",
        "contentType",
        "description",
        "displayName",
        "etag",
        "excludedInstruments",
        "fileName",
        "genre",
        "hasAll",
        "hasAny",
        "hasWords",
        "instruction",
        "instrument",
        "instruments",
        "keyScale",
        "keys",
        "language",
        "lrc",
        "meter",
        "mood",
        "name",
        "newPassword",
        "oneOf",
        "password",
        "plainText",
        "prompt",
        "reason",
        "tags",
        "text",
        "title",
        "url",
    }
)
# Events are numbered for each job and each person, so an id of anything else is refused by its form alone.
EVENTS = "JobProgress"
# What an id of this name is the id of; `Query.job` and the like go before plain names.
TAKES: Mapping[str, str] = {
    "Query.job": "GenerationJob",
    "Query.node": "Track",
    "Query.nodes": "Track",
    "Query.playlist": "Playlist",
    "Query.track": "Track",
    "Query.upload": "Upload",
    "accountId": "Account",
    "afterEntryId": "PlaylistEntry",
    "afterEventId": EVENTS,
    "apiKeyId": "ApiKey",
    "coverUploadId": "CoverUpload",
    "deliveryId": "WebhookDelivery",
    "endpointId": "WebhookEndpoint",
    "entryId": "PlaylistEntry",
    "entryIds": "PlaylistEntry",
    "invitationId": "OrganisationInvitation",
    "jobId": "GenerationJob",
    "melodyVersionId": "Version",
    "operationIds": "RegisteredOperation",
    "organisationId": "Organisation",
    "parentVersionId": "Version",
    "ownerId": "Account",
    "partnerKeyId": "PartnerKey",
    "playlistId": "Playlist",
    "sessionId": "AccountSession",
    "trackId": "Track",
    "trackIds": "Track",
    "uploadId": "Upload",
    "versionId": "Version",
}
# What has no id of its own: the type of the node that it belongs to, and the field that leads to it.
WITHIN: Mapping[str, tuple[str, str]] = {"Transcription": ("Version", "transcription")}
# What the other fields of a call are given, so that the gate itself is what decides.
FILLINGS: Mapping[str, Any] = {
    "Boolean": True,
    "Date": datetime.now(UTC).date().isoformat(),
    "DateTime": "2026-01-01T00:00:00Z",
    "Float": 10.0,
    "Int": 1,
    "String": "something else",
    "email": "nobody@cadenza.example",
    "fromSeconds": 0.0,
    "instrument": "violin",
    "newEmail": "nobody@cadenza.example",
    "url": "https://hooks.example/other",
    "text": "{ models { id } }",
    "toSeconds": 4.0,
}
# What a gate needs beside it though it may be left out, so that nothing is refused before the id is looked at.
BESIDE: Mapping[str, Mapping[str, Any]] = {"melodyVersionId": {"modelId": MELODIC.id}}

Inputs = Mapping[str, GraphQLArgument] | Mapping[str, GraphQLInputField]


@dataclass(frozen=True)
class Gate:
    """`way` leads from the field's arguments to the place. `is_id` tells the type `ID` from a text."""

    owner: str
    field_name: str
    field: GraphQLField
    way: tuple[str, ...]
    is_id: bool

    def __str__(self) -> str:
        return f"{self.field_of}({'.'.join(self.way)})"

    @property
    def field_of(self) -> str:
        return f"{self.owner}.{self.field_name}"

    @property
    def name(self) -> str:
        return self.way[-1]

    @property
    def takes(self) -> str | None:
        """The type whose ids the gate is for."""
        return TAKES.get(self.field_of) or TAKES.get(self.name)

    @property
    def is_root(self) -> bool:
        return self.owner in ROOTS

    @property
    def node(self) -> str:
        """The type of the node behind which a nested gate stands."""
        return WITHIN.get(self.owner, (self.owner, ""))[0]

    def document(self, selections: Selections) -> str:
        """Asks for everything behind the gate; a field of a nested type is reached by `$node`."""
        written = call(self.field_name, self._used, selections.of(self.field))
        if self.is_root:
            return f"{ROOTS[self.owner]}({declared(self._used)}) {{ {written} }}"
        if self.owner in WITHIN:
            written = f"{WITHIN[self.owner][1]} {{ {written} }}"
        inner = f"node(id: $node) {{ __typename ... on {self.node} {{ {written} }} }}"
        return f"query($node: ID!, {declared(self._used)}) {{ {inner} }}"

    def variables(self, text: str, own: Mapping[str, str]) -> dict[str, Any]:
        """`text` at the gate; ids that are needed beside it from `own`, by type, and other values from `FILLINGS`."""
        given = {
            name: _filled(argument.type, name, _behind(self.way, name), text, own)
            for name, argument in self._used.items()
        }
        return given if self.is_root else {"node": own[self.node], **given}

    @property
    def _used(self) -> dict[str, GraphQLArgument]:
        """The argument that leads to the gate, and those that must be there."""
        return {
            name: argument
            for name, argument in self.field.args.items()
            if name == self.way[0] or is_required_argument(argument)
        }


def gates_of(schema: GraphQLSchema) -> Iterator[Gate]:
    for kind in schema.type_map.values():
        if isinstance(kind, GraphQLObjectType) and not kind.name.startswith("__"):
            for name, field in kind.fields.items():
                for way, is_id in _places(field.args):
                    yield Gate(kind.name, name, field, way, is_id)


def texts_of(schema: GraphQLSchema) -> set[str]:
    """The names of all arguments and input fields that are texts."""
    inputs = [kind.fields for kind in schema.type_map.values() if isinstance(kind, GraphQLInputObjectType)]
    fields = [kind.fields.values() for kind in schema.type_map.values() if isinstance(kind, GraphQLObjectType)]
    inputs += [field.args for each in fields for field in each]
    return {name for each in inputs for name, found in each.items() if get_named_type(found.type).name == "String"}


def _places(inputs: Inputs, way: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], bool]]:
    for name, each in inputs.items():
        kind = get_named_type(each.type)
        if isinstance(kind, GraphQLInputObjectType):
            yield from _places(kind.fields, (*way, name))
        elif kind.name == "ID" or (kind.name == "String" and name not in PROSE):
            yield (*way, name), kind.name == "ID"


def _behind(way: tuple[str, ...] | None, name: str) -> tuple[str, ...] | None:
    """What is left of a way behind this step; None beside it."""
    return way[1:] if way and way[0] == name else None


def _filled(kind: Any, name: str, way: tuple[str, ...] | None, text: str, own: Mapping[str, str]) -> Any:
    """A value of this type; `way` is what is left of the way to the gate, and None beside it."""
    if isinstance(kind, GraphQLNonNull):
        return _filled(kind.of_type, name, way, text, own)
    if isinstance(kind, GraphQLList):
        return [_filled(kind.of_type, name, way, text, own)]
    if isinstance(kind, GraphQLInputObjectType):
        filled = {
            inner: _filled(field.type, inner, _behind(way, inner), text, own)
            for inner, field in kind.fields.items()
            if _behind(way, inner) is not None or is_required_input_field(field)
        }
        return {**filled, **BESIDE.get(way[0], {})} if way else filled
    if way is not None:
        return text
    if isinstance(kind, GraphQLEnumType):
        return next(iter(kind.values))
    return own[TAKES[name]] if kind.name == "ID" else FILLINGS.get(name, FILLINGS[kind.name])
