"""A hundred thousand tracks of one person, with words as unevenly spread as in a language."""

import itertools
import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from domain.kit.audio.sound import Character, Estimate
from domain.kit.ids import new_id
from domain.library.model import Analysis, Origin, Track, Version, VersionKind
from domain.library.stores.records import track_record

SYLLABLES = [first + second for first in "bdfgklmnprstvz" for second in ("a", "e", "i", "o", "u", "an", "er", "il")]
WORDS, TAGS = 20_000, 300
GENRES = ("ambient", "jazz", "techno", "folk", "lofi hip hop", "orchestral", "reggae", "funk", "house", "waltz")
KEYS = ("A minor", "C major", "F# minor", "Eb major")
START = datetime(2024, 1, 1, tzinfo=UTC)
BATCH = 1_000


class Vocabulary:
    """The word of rank n is about n times as rare as the first one (Zipf)."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        made = itertools.product(SYLLABLES, repeat=3)
        self.words = ["".join(parts) for parts in itertools.islice(made, 0, None, 60)][:WORDS]
        chance.shuffle(self.words)
        self.tags = [f"{word} {number}" for number, word in enumerate(self.words[:TAGS])]
        self._weights = list(itertools.accumulate(1 / rank for rank in range(1, len(self.words) + 1)))
        self._tag_weights = list(itertools.accumulate(1 / rank for rank in range(1, TAGS + 1)))

    def draw(self, count: int) -> Sequence[str]:
        return self._chance.choices(self.words, cum_weights=self._weights, k=count)

    def draw_tags(self) -> Sequence[str]:
        return self._chance.choices(self.tags, cum_weights=self._tag_weights, k=self._chance.randint(0, 4))


def tracks(owner_id: str, count: int, vocabulary: Vocabulary, chance: random.Random) -> Iterator[Track]:
    for number in range(count):
        made = START + timedelta(minutes=7 * number, milliseconds=chance.randrange(1000))
        version = Version(
            id=new_id(),
            track_id=new_id(),
            created_at=made,
            duration_seconds=round(chance.uniform(20, 600), 3),
            bpm=float(chance.randint(60, 180)),
            key=chance.choice(KEYS),
            meter="4/4",
            origin=Origin(new_id(), chance.choice(list(VersionKind)), "composer", "1", number),
            analysis=Analysis(-14.0, 5.0, -1.0, 120.0, 1.0, "A minor", 0.9, character(chance)),
            assets=(),
        )
        yield Track(
            id=version.track_id,
            owner_id=owner_id,
            title=" ".join(vocabulary.draw(3)).title(),
            artist=f"{vocabulary.words[number % 50].title()} Ensemble",
            genre=chance.choice(GENRES),
            created_at=made,
            current=version,
            description=" ".join(vocabulary.draw(10)),
            tags=tuple(dict.fromkeys(vocabulary.draw_tags())),
            changed_at=made + timedelta(days=chance.randrange(300)),
        )


def character(chance: random.Random) -> Character:
    return Character(*(Estimate(round(chance.random(), 4), 0.7) for _ in range(4)))


def documents(made: Iterator[Track]) -> Iterator[list[dict[str, Any]]]:
    """As the store would write them, in batches."""
    while batch := list(itertools.islice(made, BATCH)):
        rows = [track_record(track).model_dump(exclude={"revision_id"}) for track in batch]
        yield [{"_id": row.pop("id"), **row} for row in rows]
