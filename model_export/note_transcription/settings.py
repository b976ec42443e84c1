"""What is exported, from which wheel, how exactly, and where the result goes. Plain values, no work."""

from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2] / "triton_models" / "note_transcription"
REPRODUCE = "python -m model_export.note_transcription build"
KIB = 1 << 10


@dataclass(frozen=True)
class Source:
    """Where the weights come from."""

    wheel: str = "basic-pitch"
    version: str = "0.4.0"
    path: str = "basic_pitch/saved_models/icassp_2022/nmp.onnx"
    sha256: str = "2c3c1d144bfa61ad236e92e169c13535c880469a12a047d4e73451f2c059a0ec"
    licence: str = "Apache-2.0"


@dataclass(frozen=True)
class Shape:
    """What one window is: samples at 22,050 Hz in, frames of 256 samples and semitones from A0 out."""

    samples: int = 43_844
    frames: int = 172
    pitches: int = 88
    contour_bins: int = 264


@dataclass(frozen=True)
class Tolerance:
    """How far a likelihood may be from what the published graph gives, and from itself in a batch."""

    likelihood: float = 1e-3
    batch_drift: float = 1e-5
    max_bytes: int = 768 * KIB


@dataclass(frozen=True)
class Serving:
    """Batching of the served model; each window of a batch takes about 13 MB while it runs."""

    max_batch_size: int = 4
    max_queue_delay_microseconds: int = 1000
    instances: int = 1


SOURCE = Source()
SHAPE = Shape()
TOLERANCE = Tolerance()
SERVING = Serving()
