"""`python -m tests.bench.recognition [RECORDINGS]`: which copies of songs are known again, and how long a look takes.

Songs of every third genre are changed as people change files; then each is looked up among a hundred thousand
recordings of made-up harmony. Judges nothing.
"""

import asyncio
import logging
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from pathlib import Path

import numpy as np
import structlog
from pymongo import AsyncMongoClient
from rich.console import Console
from rich.table import Table

from adapters.media.fingerprint import Fingerprinter, codes_of
from domain.kit.audio.fingerprints import Codes, compressed, decompressed
from domain.kit.audio.media import Audio
from domain.kit.ids import new_id
from domain.kit.transactions import Session
from domain.recognition.matching import Fit, fit, keys_of
from domain.recognition.model import Recorded
from domain.recognition.store import RecognitionStore
from tests.bench.ledger import own_mongod
from tests.media.decoding import decoded
from tests.media.music import chunks
from tests.media.songs import RATE, SOUND_FONT, composed, performed
from tests.uploads.sounds import Form, encoded
from tests.world import World, open_world
from triton_models.composer.genres import GENRES
from triton_models.renderer.synth import SoundFontSynth

RECORDINGS, OWNERS = 100_000, 1_000
SECONDS, ROWS = 45.0, 700
BATCH = 1_000
MP3, AAC = Form("mp3", "libmp3lame", "fltp", bit_rate=128_000), Form("adts", "aac", "fltp", bit_rate=96_000)
LOW = Form("mp3", "libmp3lame", "fltp", bit_rate=64_000)

Look = tuple[list[tuple[Recorded, Fit]], float]
Measuring = Callable[[World, str, int, Console], Awaitable[None]]

CHANGES: Mapping[str, Callable[[Audio], Audio]] = {
    "MP3 of 128 kbit/s": lambda audio: decoded(encoded(audio, MP3)),
    "AAC of 96 kbit/s": lambda audio: decoded(encoded(audio, AAC)),
    "10 dB softer": lambda audio: (0.316 * audio).astype(np.float32),
    "without the first 7.31 s": lambda audio: audio[round(7.31 * RATE) :],
    "its last half, MP3 of 64 kbit/s": lambda audio: decoded(encoded(audio[len(audio) // 2 :], LOW)),
    "1 % faster": lambda audio: audio[np.arange(0, len(audio) - 1, 1.01).astype(int)],
}


def fingerprint(audio: Audio) -> Codes:
    fingerprinter = Fingerprinter()
    for chunk in chunks(audio, 8 * RATE):
        fingerprinter.push(chunk.mean(axis=1, dtype=np.float32))
    return fingerprinter.codes()


def made_up(chance: np.random.Generator) -> Codes:
    """Codes of chords that change every two seconds, under a melody and some noise."""
    thirds = ([1.0, 0, 0, 1.0, 0, 0, 0, 0.8, 0, 0, 0, 0], [1.0, 0, 0, 0, 1.0, 0, 0, 0.8, 0, 0, 0, 0])
    triads = np.array([[np.roll(third, tonic) for tonic in range(12)] for third in thirds])
    chords = triads[chance.integers(0, 2, ROWS // 16 + 1), chance.integers(0, 12, ROWS // 16 + 1)]
    image = np.repeat(chords, 16, axis=0)[:ROWS]
    image[np.arange(ROWS), np.repeat(chance.integers(0, 12, ROWS // 4 + 1), 4)[:ROWS]] += 1.0
    image += chance.exponential(0.15, image.shape)
    return codes_of(image / np.linalg.norm(image, axis=1, keepdims=True))


def recorded(codes: Codes, owner_id: str) -> Recorded:
    return Recorded(new_id(), new_id(), owner_id, SECONDS, compressed(codes), tuple(keys_of(codes)), None)


def shelf(count: int) -> Iterator[list[dict[str, object]]]:
    """As the store would write them, in batches; one text stands for all, as only candidates' texts are ever read."""
    chance = np.random.default_rng(7)
    text = compressed(made_up(chance))
    owners = [new_id() for _ in range(OWNERS)]
    for start in range(0, count, BATCH):
        numbers = range(start, min(start + BATCH, count))
        yield [
            {
                "_id": new_id(),
                "track_id": new_id(),
                "owner_id": owners[number % OWNERS],
                "duration_seconds": SECONDS,
                "fingerprint": text,
                "keys": keys_of(made_up(chance)),
                "original_sha256": None,
            }
            for number in numbers
        ]


async def look_up(world: World, wanted: Recorded) -> Look:
    """What fits, and the seconds that finding and comparing took."""

    async def work(session: Session) -> list[tuple[Recorded, Fit]]:
        found = await RecognitionStore().candidates(wanted, session)
        sought = decompressed(wanted.fingerprint)
        fits = [(each, fit(sought, decompressed(each.fingerprint))) for each in found]
        return [(each, fitting) for each, fitting in fits if fitting is not None]

    started = time.monotonic()
    found = await world.kit.transactions.run(work)
    return found, time.monotonic() - started


async def fill(world: World, count: int, url: str) -> None:
    """Puts the shelf there before its index, with a client that waits for as long as that takes."""
    async with AsyncMongoClient[dict[str, object]](url) as client:
        recordings = client[world.database]["recordings"]
        await recordings.drop_index("keys")
        for batch in shelf(count):
            await recordings.insert_many(batch, ordered=False)
        await recordings.create_index([("keys", 1), ("owner_id", 1)], name="keys")


async def measure(world: World, url: str, count: int, console: Console) -> None:
    await fill(world, count, url)
    synth, owner_id = SoundFontSynth(SOUND_FONT), new_id()
    numbered = enumerate(sorted(GENRES)[::3])
    songs = {genre: performed(synth, composed(genre, SECONDS, seed), SECONDS) for seed, genre in numbered}
    originals = {genre: recorded(fingerprint(audio), owner_id) for genre, audio in songs.items()}

    async def keep(session: Session) -> None:
        for original in originals.values():
            await RecognitionStore().insert(original, session)

    strange = [await look_up(world, original) for original in originals.values()]
    await world.kit.transactions.run(keep)
    table = Table("change", "known again", "wrongly", "similarity", "median ms", "slowest ms")
    table.add_row(
        "none, and not there", f"0 of {len(strange)}", str(sum(len(f) for f, _ in strange)), "", *spent(strange)
    )
    for name, change in CHANGES.items():
        looks: list[Look] = []
        right, wrong, like = 0, 0, list[float]()
        for genre, audio in songs.items():
            looks.append(look := await look_up(world, recorded(fingerprint(change(audio)), owner_id)))
            hits = [fitting for other, fitting in look[0] if other.track_id == originals[genre].track_id]
            right, wrong = right + bool(hits), wrong + len(look[0]) - len(hits)
            like += [fitting.similarity for fitting in hits]
        mean = f"{statistics.mean(like):.2f}" if like else ""
        table.add_row(name, f"{right} of {len(songs)}", str(wrong), mean, *spent(looks))
    console.print(table)
    stats = await world.client[world.database].command("collStats", "recordings")
    console.print(
        f"{stats['count']} recordings: {stats['storageSize'] / 1e6:.0f} MB of records, index over keys "
        f"{stats['indexSizes']['keys'] / 1e6:.0f} MB"
    )


def spent(looks: list[Look]) -> tuple[str, str]:
    times = [1000 * seconds for _, seconds in looks]
    return f"{statistics.median(times):.0f}", f"{max(times):.0f}"


async def run(measuring: Measuring, count: int, console: Console) -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with own_mongod(Path(folder)) as (_, url), open_world(url, Path(folder)) as world:
            await measuring(world, url, count, console)


def main(measuring: Measuring) -> None:
    """Measures among as many recordings as the first argument says."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    asyncio.run(run(measuring, int(sys.argv[1]) if len(sys.argv) > 1 else RECORDINGS, Console(width=120)))


if __name__ == "__main__":
    main(measure)
