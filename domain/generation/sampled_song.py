"""A song that a model of sound makes: only what was understood of the wish is known before it sounds. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from domain.generation.limits import MAX_TITLE
from domain.generation.models import ModelCard
from domain.generation.song import Facts, Song
from domain.kit.audio.media import COMPOSITE_WITH_TRAINED_ALGORITHMIC_MEDIA, TRAINED_ALGORITHMIC_MEDIA
from domain.library.terms import Terms, joined
from domain.music.brief import MusicBrief

TITLE_WORDS: Final = 6
ENDS: Final = re.compile(r"[,.;:!?\n]")


@dataclass(frozen=True)
class SampledSong(Song):
    """The wish, what was understood of it, and the model; its music is measured when it is there.

    `before` are the terms of the version that it goes on with.
    """

    brief: MusicBrief
    card: ModelCard
    before: tuple[Terms, ...] = ()

    @property
    def facts(self) -> Facts:
        title = title_of(self.generation.request.prompt) or self.brief.genre.title()
        return Facts(title, self.brief.genre, bpm=None, key=None, meter=None)

    @property
    def model_version(self) -> str:
        return self.card.version

    @property
    def stem_names(self) -> Sequence[str]:
        return ()

    @property
    def digital_source_type(self) -> str:
        is_new = self.generation.request.edit is None
        return TRAINED_ALGORITHMIC_MEDIA if is_new else COMPOSITE_WITH_TRAINED_ALGORITHMIC_MEDIA

    @property
    def terms(self) -> tuple[Terms, ...]:
        return joined((*self.before, Terms(self.card.licence, self.card.commercial_use)))


def title_of(prompt: str) -> str:
    """The first words of a prompt, up to its first stop, with a capital letter; empty if it begins with a stop."""
    words = ENDS.split(prompt.strip(), maxsplit=1)[0].split()[:TITLE_WORDS]
    title = " ".join(words)[:MAX_TITLE].strip()
    return title[:1].upper() + title[1:]
