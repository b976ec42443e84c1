"""Music engines by name, and what their tests ask of them."""

from contextlib import aclosing
from typing import Any

from tritonclient.grpc.aio import InferenceServerClient

from adapters.memory.music_engine import MemoryEngine
from adapters.text_tokenizer import BucketTokenizer
from adapters.triton import TritonEngine
from bootstrap.services import TOKENIZER
from domain.kit.audio.music_engine import (
    COMPOSER,
    Composition,
    MusicEngine,
    ScoreChange,
    Vectors,
    WritingEvent,
    WritingProgress,
    WritingTask,
)
from domain.kit.queue import QueueName

SECONDS = 5.3
# Not every server has it.
SCORE_MODEL = "score_tiny"
SHARED_MEMORY_ENGINE = "triton-shared-memory"
ENGINES = (SHARED_MEMORY_ENGINE, "triton-grpc", "memory")


def open_engine(name: str, client: InferenceServerClient) -> MusicEngine:
    return MemoryEngine() if name == "memory" else on_triton(client, name == SHARED_MEMORY_ENGINE)


def on_triton(client: InferenceServerClient, shared_memory: bool) -> TritonEngine:
    return TritonEngine(client, BucketTokenizer(TOKENIZER), shared_memory=shared_memory)


def brief(**fields: Any) -> dict[str, Any]:
    return {
        "schema": "cadenza.brief/1",
        "genre": "lofi hip hop",
        "mood": None,
        "bpm": 84.0,
        "key": {"tonic": "A", "mode": "minor"},
        "meter": "4/4",
        "instruments": [],
        "excluded_instruments": [],
        "energy": None,
        "duration_seconds": SECONDS,
        "seed": 7,
        "sections": None,
        "title": "Evening",
        "instrumental": True,
        **fields,
    }


def task(
    wish: dict[str, Any], model: str = COMPOSER, text: Vectors | None = None, change: ScoreChange | None = None
) -> WritingTask:
    return WritingTask(model, wish, text, change, "01J00000000000000000000000", QueueName.STANDARD)


async def told(engine: MusicEngine, wanted: WritingTask) -> list[WritingEvent]:
    """Everything that the engine says while it writes."""
    async with aclosing(engine.write(wanted)) as events:
        return [event async for event in events]


async def written(engine: MusicEngine, wanted: WritingTask) -> Composition:
    """The score, which comes last and once."""
    *before, last = await told(engine, wanted)
    assert isinstance(last, Composition)
    assert all(isinstance(event, WritingProgress) for event in before)
    return last
