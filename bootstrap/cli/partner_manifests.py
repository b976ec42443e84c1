"""Reading what is to be registered: GraphQL files, and the manifests that Relay, graphql-codegen and Apollo write."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graphql import DocumentNode, GraphQLError, OperationDefinitionNode, parse, print_ast
from graphql.utilities import separate_operations

from bootstrap.cli.client import ApiProblem

APOLLO_FORMAT = "apollo-persisted-query-manifest"


@dataclass(frozen=True)
class ManifestDocument:
    """One document with the id that its tool gave it, if any."""

    text: str
    id: str | None = None

    def as_input(self) -> dict[str, Any]:
        return {"text": self.text, "id": self.id}


def read_manifest(path: Path, *, exact: bool = False) -> list[ManifestDocument]:
    """All documents of a file. `exact` takes a GraphQL file as one document, byte for byte.

    Otherwise every operation of a GraphQL file becomes a document with just the fragments that it needs, printed
    anew. Raises `ApiProblem` for what cannot be read.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ApiProblem(f"{path} cannot be read: {error}") from error
    if path.suffix == ".json":
        return _from_json(path, text)
    return [ManifestDocument(text)] if exact else _from_graphql(path, text)


def _from_graphql(path: Path, text: str) -> list[ManifestDocument]:
    try:
        document = parse(text)
    except GraphQLError as error:
        raise ApiProblem(f"{path} is no GraphQL: {error.message}") from error
    operations = [found for found in document.definitions if isinstance(found, OperationDefinitionNode)]
    if not operations:
        raise ApiProblem(f"{path} has no operation.")
    names = [operation.name.value if operation.name else "" for operation in operations]
    if len(set(names)) < len(names):
        raise ApiProblem(f"{path} has operations with the same name.")
    parts: Mapping[str, DocumentNode] = separate_operations(document)
    return [ManifestDocument(print_ast(parts[name])) for name in names]


def _from_json(path: Path, text: str) -> list[ManifestDocument]:
    try:
        found = json.loads(text)
    except json.JSONDecodeError as error:
        raise ApiProblem(f"{path} is no JSON: {error}") from error
    if isinstance(found, dict) and found.get("format") == APOLLO_FORMAT:
        return [_from_apollo(path, operation) for operation in found.get("operations", [])]
    if isinstance(found, dict) and all(isinstance(value, str) for value in found.values()):
        return [ManifestDocument(document, name) for name, document in found.items()]
    raise ApiProblem(f"{path} is no manifest: it maps no ids to documents, and is not of the format {APOLLO_FORMAT}.")


def _from_apollo(path: Path, operation: Any) -> ManifestDocument:
    if not isinstance(operation, dict) or not all(isinstance(operation.get(name), str) for name in ("id", "body")):
        raise ApiProblem(f"{path} has an operation without 'id' and 'body'.")
    return ManifestDocument(operation["body"], operation["id"])
