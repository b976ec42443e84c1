"""The words that `scripts/new-area` makes from the name of an area."""

from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from types import ModuleType

import pytest

from tests.architecture.sources import ROOT


@pytest.fixture(scope="module")
def script() -> ModuleType:
    loader = SourceFileLoader("new_area", str(ROOT / "scripts" / "new-area"))
    spec = spec_from_loader(loader.name, loader)
    assert spec is not None
    module = module_from_spec(spec)
    loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    "area, record, records",
    [
        ("karaoke", "karaoke", "karaokes"),
        ("playlists", "playlist", "playlists"),
        ("voice_swaps", "voice_swap", "voice_swaps"),
        ("melodies", "melody", "melodies"),
        ("mixes", "mix", "mixes"),
        ("choruses", "chorus", "choruses"),
        ("chorus", "chorus", "choruses"),
        ("bass", "bass", "basses"),
        ("discovery", "discovery", "discoveries"),
        ("plays", "play", "plays"),
    ],
)
def test_a_single_thing_and_many_of_it(script: ModuleType, area: str, record: str, records: str) -> None:
    words = script.words_of(area, None)
    assert (words["__record__"], words["__records__"]) == (record, records)


def test_every_form_of_a_word(script: ModuleType) -> None:
    assert script.words_of("album_orders", None) == {
        "__area__": "album_orders",
        "__AREA__": "ALBUM_ORDERS",
        "__record__": "album_order",
        "__records__": "album_orders",
        "__Record__": "AlbumOrder",
        "__RECORD__": "ALBUM_ORDER",
        "__recordCamel__": "albumOrder",
        "__a_thing__": "an album order",
        "__A_thing__": "An album order",
        "__thing__": "album order",
        "__things__": "album orders",
        "__Things__": "Album orders",
    }


def test_the_word_for_one_thing_can_be_chosen(script: ModuleType) -> None:
    words = script.words_of("billing", "invoice")
    assert (words["__area__"], words["__record__"], words["__records__"]) == ("billing", "invoice", "invoices")
