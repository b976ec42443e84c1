"""A song whose score is written: its music is known before it sounds. Pure."""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from domain.generation.chord_sheet import chord_sheet
from domain.generation.outline import ScoreOutline
from domain.generation.song import Facts, Song
from domain.kit.audio.media import ALGORITHMIC_MEDIA
from domain.kit.audio.music_engine import Composition
from domain.library.model import AssetKind
from domain.library.services.store_assets import AssetData


@dataclass(frozen=True)
class WrittenSong(Song):
    """The wish, the score and its outline."""

    composition: Composition
    outline: ScoreOutline

    @property
    def facts(self) -> Facts:
        outline = self.outline
        return Facts(outline.title, outline.genre, outline.bpm, outline.key, outline.meter)

    @property
    def model_version(self) -> str:
        return self.composition.model_version

    @property
    def stem_names(self) -> Sequence[str]:
        return self.outline.track_ids

    @property
    def digital_source_type(self) -> str:
        return ALGORITHMIC_MEDIA

    def files(self) -> list[AssetData]:
        """The score, the same as MIDI, and what there is to play along as ChordPro."""
        sheet = chord_sheet(self.composition.score, self.title, self.generation.artist)
        return [
            AssetData(AssetKind.SCORE, "score.json", self.composition.score, "application/json"),
            AssetData(AssetKind.MIDI, "score.mid", self.composition.midi, "audio/midi"),
            AssetData(AssetKind.CHORDS, "score.cho", sheet, "text/plain; charset=utf-8"),
        ]


def composition_to_json(composition: Composition) -> bytes:
    fields: Mapping[str, Any] = {
        "score": composition.score.decode(),
        "midi": base64.b64encode(composition.midi).decode(),
        "model_version": composition.model_version,
    }
    return json.dumps(fields).encode()


def composition_from_json(text: bytes) -> Composition:
    fields = json.loads(text)
    return Composition(fields["score"].encode(), base64.b64decode(fields["midi"]), fields["model_version"])
