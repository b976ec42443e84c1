"""What tracks are compared by, and which wishes can be granted, without a database."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from domain.kit.errors import Issue
from domain.kit.ids import new_id
from domain.library.facets import (
    FORMAT,
    MAX_TITLE_KEY,
    Facets,
    facets_of,
    folded,
    key_name,
    lot_of,
    title_key,
    words_of,
)
from domain.library.listing import TrackFilter, filter_issues
from domain.library.model import Track, Version, VersionKind
from tests.library.factories import ANALYSIS, ORIGIN

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
VERSION = Version(new_id(), new_id(), NOW, 6.0, 90.0, "Bb minor", "4/4", ORIGIN, ANALYSIS, ())
TRACK = Track(VERSION.track_id, new_id(), "Schöne  Nacht!", "Łódź Trio", "Lofi Hip-Hop", NOW, VERSION)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("  Crème\tBRÛLÉE ", "creme brulee"),
        ("Straße", "strasse"),
        ("İstanbul ırmak", "istanbul irmak"),
        ("Ærøskøbing Łódź Þór", "aeroskobing lodz thor"),
        ("ﬁn ２４", "fin 24"),
        ("Ελλάδα", "ελλαδα"),
        ("\u0301", ""),
        ("東京", "東京"),
    ],
)
def test_texts_are_compared_without_case_accents_and_needless_space(text: str, plain: str) -> None:
    assert folded(text) == plain
    assert folded(plain) == plain


def test_a_track_is_found_by_what_is_said_of_it() -> None:
    track = replace(TRACK, tags=("Für Ada",), description="Night music; 2nd take, don't stop.")
    assert facets_of(track) == Facets(
        format=FORMAT,
        title="schone nacht!",
        artist="lodz trio",
        genre="lofi hip-hop",
        tags=("fur ada",),
        words=("2nd", "ada", "don", "fur", "lodz", "music", "nacht", "night", "schone", "stop", "t", "take", "trio"),
        kind=VersionKind.GENERATED,
        bpm=90.0,
        key="A# minor",
        lot=lot_of(TRACK.id),
    )


def test_tempo_and_key_of_an_upload_are_those_that_were_measured() -> None:
    measured = replace(VERSION, bpm=None, key=None, analysis=replace(ANALYSIS, tempo_bpm=127.5, key="C# minor"))
    facets = facets_of(replace(TRACK, current=measured))
    assert (facets.bpm, facets.key) == (127.5, "C# minor")
    silent = replace(VERSION, bpm=None, key=None, analysis=replace(ANALYSIS, tempo_bpm=0.0, key=""))
    facets = facets_of(replace(TRACK, current=silent))
    assert (facets.bpm, facets.key) == (None, "")


def test_very_long_texts_are_compared_by_their_beginnings() -> None:
    assert len(title_key("\ufdfa" * 120)) == MAX_TITLE_KEY
    assert words_of(["x" * 100, "x" * 50 + "y", "a b c"], 3) == ["x" * 40, "a", "b"]
    many = " ".join(f"word{number}" for number in range(1000))
    assert len(facets_of(replace(TRACK, description=many)).words) == 400


@pytest.mark.parametrize(
    ("text", "name"), [("Am", "A minor"), ("Db", "C# major"), ("cis-moll", "C# minor"), ("Cb", "B major"), ("", None)]
)
def test_keys_of_one_sound_have_one_name(text: str, name: str | None) -> None:
    assert key_name(text) == name


def test_the_longest_words_are_looked_for_first() -> None:
    assert TrackFilter(text="of the Night, night").words == ["night", "the", "of"]


@pytest.mark.parametrize(
    "wanted",
    [
        TrackFilter(),
        TrackFilter(genres=(), tags=(), kinds=()),
        TrackFilter(genres=("x",) * 20, tags=("x",) * 20, key_scale="la menor", text="x " * 10),
        TrackFilter(text="a b c d e f g h i j", min_bpm=-1.0, max_bpm=1e308),
    ],
)
def test_what_can_be_looked_for_is_accepted(wanted: TrackFilter) -> None:
    assert filter_issues(wanted) == []


@pytest.mark.parametrize(
    ("wanted", "issue"),
    [
        (TrackFilter(genres=("x",) * 21), Issue("genres", "At most 20 genres can be asked for at once.")),
        (TrackFilter(tags=("x",) * 21), Issue("tags", "At most 20 tags can be asked for at once.")),
        (TrackFilter(key_scale="H"), Issue("keyScale", "'H' is not a key. Write it like 'A minor' or 'F#'.")),
        (TrackFilter(text=""), Issue("text", "A search has 1 to 10 words, of letters or digits.")),
        (TrackFilter(text="!?_"), Issue("text", "A search has 1 to 10 words, of letters or digits.")),
        (TrackFilter(text="a b c d e f g h i j k"), Issue("text", "A search has 1 to 10 words, of letters or digits.")),
        (TrackFilter(text="x" * 201), Issue("text", "A search has at most 200 characters.")),
    ],
)
def test_what_cannot_be_looked_for_is_told(wanted: TrackFilter, issue: Issue) -> None:
    assert filter_issues(wanted) == [issue]
