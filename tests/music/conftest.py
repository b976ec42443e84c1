"""One encoder and one set of anchors for all tests of prompt understanding."""

import pytest

from domain.music.anchors import Anchors, anchor_texts
from tests.music.embedding import Embedder


@pytest.fixture(scope="session")
def embedder() -> Embedder:
    return Embedder()


@pytest.fixture(scope="session")
def anchors(embedder: Embedder) -> Anchors:
    return Anchors.from_vectors(embedder.embed(anchor_texts()))
