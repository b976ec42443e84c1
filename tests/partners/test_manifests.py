"""What `cadenza partner publish` reads: GraphQL files and the manifests of three tools."""

import json
from hashlib import md5, sha1, sha256
from pathlib import Path
from typing import Any

import pytest

from bootstrap.cli.client import ApiProblem
from bootstrap.cli.partner_manifests import ManifestDocument, read_manifest

LIBRARY = """
# Everything that the shop asks.
query Tracks { tracks { edges { node { ...Title } } } }
query Viewer { viewer { id } }
fragment Title on Track { title ...Version }
fragment Version on Track { currentVersion { id } }
"""
VIEWER = "query Viewer { viewer { id } }"


def written(folder: Path, name: str, content: Any) -> Path:
    path = folder / name
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def test_every_operation_of_a_file_gets_just_its_own_fragments(tmp_path: Path) -> None:
    tracks, viewer = read_manifest(written(tmp_path, "operations.graphql", LIBRARY))
    assert viewer == ManifestDocument("query Viewer {\n  viewer {\n    id\n  }\n}")
    assert tracks.text.startswith("query Tracks {")
    assert tracks.text.count("fragment ") == 2
    # and however the file is laid out, the text and so its hash are the same
    squeezed = written(tmp_path, "squeezed.graphql", " ".join(LIBRARY.split("\n")[2:]))
    assert read_manifest(squeezed) == [tracks, viewer]


def test_a_file_can_be_taken_byte_for_byte(tmp_path: Path) -> None:
    text = "# mine\nquery   Viewer { viewer { id } }\n"
    assert read_manifest(written(tmp_path, "one.graphql", text), exact=True) == [ManifestDocument(text)]


@pytest.mark.parametrize("algorithm", [md5, sha1, sha256], ids=["relay", "codegen", "sha256"])
def test_maps_from_hashes_to_texts_are_taken_as_they_are(tmp_path: Path, algorithm: Any) -> None:
    name = algorithm(VIEWER.encode(), usedforsecurity=False).hexdigest()
    assert read_manifest(written(tmp_path, "map.json", {name: VIEWER})) == [ManifestDocument(VIEWER, name)]


def test_apollos_manifest_is_taken_as_it_is(tmp_path: Path) -> None:
    name = sha256(VIEWER.encode()).hexdigest()
    operation = {"id": name, "name": "Viewer", "type": "query", "body": VIEWER}
    manifest = {"format": "apollo-persisted-query-manifest", "version": 1, "operations": [operation]}
    assert read_manifest(written(tmp_path, "manifest.json", manifest)) == [ManifestDocument(VIEWER, name)]


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.graphql", "query {", "is no GraphQL"),
        ("a.graphql", "fragment F on Track { id }", "has no operation"),
        ("a.graphql", "query A { viewer { id } } query A { models { id } }", "with the same name"),
        ("a.json", "{", "is no JSON"),
        ("a.json", ["text"], "is no manifest"),
        ("a.json", {"format": "apollo-persisted-query-manifest", "operations": [{"id": "x"}]}, "'id' and 'body'"),
    ],
)
def test_what_cannot_be_read_is_told_in_a_sentence(tmp_path: Path, name: str, content: Any, reason: str) -> None:
    with pytest.raises(ApiProblem, match=reason):
        read_manifest(written(tmp_path, name, content))
    with pytest.raises(ApiProblem, match="cannot be read"):
        read_manifest(tmp_path / "missing.graphql")
