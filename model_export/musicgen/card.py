"""What the platform tells people of a served checkpoint: its name, licence and limits, as one JSON text."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from model_export.artefacts import NAME
from model_export.musicgen.licence import CommercialUse
from triton_models.added_names import model_id

SCHEMA: Final = "cadenza.model/1"
UNKNOWN: Final = "unknown"
COMMERCIAL: Final = {CommercialUse.YES: True, CommercialUse.NO: False, CommercialUse.UNKNOWN: None}
CHANNELS: Final = {1: "mono", 2: "stereo"}
VERSION_DIGITS: Final = 12
# Names that their makers write in a way of their own.
SPELT: Final = {"musicgen": "MusicGen"}


@dataclass(frozen=True)
class CardLicence:
    """`name` is the SPDX identifier where there is one; `commercial_use` is None where nobody has said."""

    name: str
    commercial_use: bool | None


@dataclass(frozen=True)
class Card:
    """`id` names the model to people, with `-` where its served name has `_`. `sampling_rate` is in Hz.

    `version` is the beginning of the SHA-256 of the checkpoint's weights, by which people tell what made their song.
    `melody` says whether the model can follow one.
    """

    id: str
    name: str
    description: str
    licence: CardLicence
    longest_seconds: float
    sampling_rate: int
    audio_channels: int
    version: str = ""
    melody: bool = False
    kind: str = "audio"
    schema: str = SCHEMA

    def json(self) -> str:
        """One line, in ASCII."""
        return json.dumps(asdict(self))


def read_card(graphs: Path, served: str, longest_seconds: float, *, name: str = "", source: str = "") -> Card:
    """Of what `export` made in `graphs`; without a `name` the served one is spelt for people."""
    made: Mapping[str, Any] = json.loads((graphs / NAME).read_text())
    channels, rate = int(made["decoder"]["audio_channels"]), int(made["sampling_rate"])
    licence, melody = made["licence"], made.get("melody") is not None
    told = "words and melodies" if melody else "words"
    came = f" It was added from {source}." if source else ""
    return Card(
        id=model_id(served),
        name=name or spelt(served),
        description=f"Makes {CHANNELS[channels]} sound at {rate / 1000:g} kHz from {told}.{came}",
        licence=CardLicence(licence["id"] or UNKNOWN, COMMERCIAL[CommercialUse(licence["commercial_use"])]),
        longest_seconds=longest_seconds,
        sampling_rate=rate,
        audio_channels=channels,
        version=str(made["weights_sha256"])[:VERSION_DIGITS],
        melody=melody,
    )


def spelt(served: str) -> str:
    """`musicgen_small` as people write it: MusicGen Small."""
    return " ".join(SPELT.get(word, word.capitalize()) for word in served.replace("-", "_").split("_") if word)
