"""The plan of a piece as tokens: which may come next under given wishes, and what was decided. Pure."""

from dataclasses import dataclass, field
from typing import Final, Literal

import numpy as np

from triton_models.score.model import MODES, Mode
from triton_models.score_language.conditioning import Instrument, Wishes
from triton_models.score_language.encoding import bucket_tempo, tempo_bucket
from triton_models.score_language.grammar import Mask
from triton_models.score_language.music import METERS, MOST_TRACKS, Meter, Track
from triton_models.score_language.vocabulary import Vocabulary

_DRUM_ROLES: Final = ("drums", "percussion")
_USUAL_BAND: Final = 5  # tracks
_FACTS: Final = ("Meter", "Mode", "Tonic", "Tempo")
Phase = Literal["fact", "track", "role", "instrument", "done"]


@dataclass(frozen=True, slots=True)
class Plan:
    """What was decided ahead of the first bar."""

    meter: Meter
    mode: Mode
    tonic: int
    qpm: float
    tracks: tuple[Track, ...]


@dataclass
class Planner:
    """Reads a plan token by token. `strict` makes wishes binding; otherwise any plan is legal."""

    wishes: Wishes
    vocabulary: Vocabulary
    size: int
    strict: bool = True
    phase: Phase = "fact"
    facts: dict[str, str] = field(default_factory=dict)
    tracks: list[Track] = field(default_factory=list)
    role: str = ""

    def mask(self) -> Mask:
        """True for every token that may come next, shape [tokens]; `Write` ends the plan."""
        match self.phase:
            case "fact":
                return self._fact(_FACTS[len(self.facts)])
            case "track":
                return self._track()
            case "role":
                return self._roles()
            case "instrument":
                return self._instruments()
            case "done":
                return np.zeros(self.size, dtype=np.bool_)

    def push(self, token: int) -> None:
        """Take one token."""
        kind, value = self.vocabulary.kind(token), self.vocabulary.value(token)
        match kind:
            case "Track":
                self.phase = "role"
            case "Role":
                self.role = value
                self.phase = "instrument"
            case "Program" | "Kit":
                role = self.role
                self.tracks.append(Track(role, int(value), kind == "Kit"))  # type: ignore[arg-type]
                self.phase = "track"
            case "Write":
                self.phase = "done"
            case _:
                self.facts[kind] = value
                self.phase = "fact" if len(self.facts) < len(_FACTS) else "track"

    @property
    def plan(self) -> Plan:
        """What was decided; a tempo that was wished for is kept exactly if its bucket was chosen."""
        bucket = int(self.facts["Tempo"])
        wish = self.wishes.bpm
        bpm = wish if wish is not None and tempo_bucket(wish) == bucket else bucket_tempo(bucket)
        meter = next(meter for meter in METERS if str(meter) == self.facts["Meter"])
        return Plan(
            meter=meter,
            mode=next(mode for mode in MODES if mode == self.facts["Mode"]),
            tonic=int(self.facts["Tonic"]),
            qpm=bpm * meter.pulse,
            tracks=tuple(self.tracks),
        )

    @property
    def missing(self) -> list[frozenset[Instrument]]:
        """Wanted instruments that no track has yet."""
        present = {(track.program, track.is_drum) for track in self.tracks}
        return [wanted for wanted in self.wishes.wanted if not wanted & present] if self.strict else []

    def _fact(self, kind: str) -> Mask:
        wishes = self.wishes
        asked = {
            "Meter": wishes.meter,
            "Mode": wishes.mode,
            "Tonic": wishes.tonic,
            "Tempo": None if wishes.bpm is None else tempo_bucket(wishes.bpm),
        }[kind]
        if self.strict and asked is not None:
            return self._only([f"{kind}_{asked}"])
        return self._kind(kind)

    def _track(self) -> Mask:
        """Another track, unless there are eight; the end, unless a wanted instrument is missing."""
        names = [f"Track_{len(self.tracks)}"] if len(self.tracks) < MOST_TRACKS else []
        ends = self.tracks and (not self.missing or len(self.tracks) == MOST_TRACKS)
        return self._only([*names, *(["Write_"] if ends else [])])

    def _roles(self) -> Mask:
        """Any, unless the tracks that are left are all needed for wanted instruments of one kind."""
        roles = self._kind("Role")
        if self._no_room_to_spare():
            drums = self._only([f"Role_{role}" for role in _DRUM_ROLES])
            kinds = {is_drum for wanted in self.missing for _, is_drum in wanted}
            return drums if kinds == {True} else roles & ~drums if kinds == {False} else roles
        if self.strict and not self._allowed("Kit").any():
            return roles & ~self._only([f"Role_{role}" for role in _DRUM_ROLES])
        return roles

    def _instruments(self) -> Mask:
        kind = "Kit" if self.role in _DRUM_ROLES else "Program"
        allowed = self._allowed(kind)
        if self._no_room_to_spare():
            needed = self._only(
                [f"{_kind(is_drum)}_{program}" for wanted in self.missing for program, is_drum in wanted]
            )
            return allowed & needed if (allowed & needed).any() else allowed
        return allowed

    def _no_room_to_spare(self) -> bool:
        """Whether only wanted instruments may come; bands are small, so that they do not come last of eight."""
        room = min(MOST_TRACKS - len(self.tracks), max(1, _USUAL_BAND - len(self.tracks)))
        return bool(self.missing) and room <= len(self.missing)

    def _allowed(self, kind: str) -> Mask:
        """Instruments of a kind without those that nobody wants to hear."""
        mask = self._kind(kind)
        if self.strict:
            unwanted = {
                f"{_kind(is_drum)}_{program}" for avoided in self.wishes.avoided for program, is_drum in avoided
            }
            mask &= ~self._only(sorted(unwanted))
        return mask

    def _only(self, names: list[str]) -> Mask:
        mask = np.zeros(self.size, dtype=np.bool_)
        mask[[self.vocabulary.ids[name] for name in names]] = True
        return mask

    def _kind(self, kind: str) -> Mask:
        mask = np.zeros(self.size, dtype=np.bool_)
        mask[: len(self.vocabulary)] = [self.vocabulary.kind(token) == kind for token in range(len(self.vocabulary))]
        return mask


def _kind(is_drum: bool) -> str:
    return "Kit" if is_drum else "Program"
