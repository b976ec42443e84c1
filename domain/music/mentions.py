"""What a prompt mentions: vocabulary found in its words, longest phrase first. Meaning is decided elsewhere."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from domain.music.text import Word, phrase


class Kind(StrEnum):
    """What a phrase says. IDIOM phrases say nothing about music and hide the words inside them."""

    GENRE = "genre"
    FLAVOUR = "flavour"
    MOOD = "mood"
    INSTRUMENT = "instrument"
    BAN = "ban"
    METER = "meter"
    MODE = "mode"
    PACE = "pace"
    TEMPO = "tempo"
    ENERGY = "energy"
    VOCALS = "vocals"
    SECTION = "section"
    REFUSE = "refuse"
    REFUSE_ONE = "refuse one"
    EXCEPT = "except"
    TURN = "turn"
    SOLO = "solo"
    IDIOM = "idiom"


@dataclass(frozen=True)
class Sense:
    """One thing that a phrase says; `value` is a name or a number in text form, by kind."""

    kind: Kind
    value: str


@dataclass(frozen=True)
class Mention:
    """A phrase found at words[start:end]."""

    sense: Sense
    start: int
    end: int
    refused: bool = False

    @property
    def kind(self) -> Kind:
        return self.sense.kind

    @property
    def value(self) -> str:
        return self.sense.value

    def as_refused(self) -> "Mention":
        """The same mention, marked as not wanted."""
        return replace(self, refused=True)


@dataclass(frozen=True)
class Lexicon:
    """Phrases as folded words, each with everything it says; `longest` is the longest phrase in words."""

    entries: Mapping[tuple[str, ...], tuple[Sense, ...]]
    longest: int

    @classmethod
    def build(cls, rows: Sequence[tuple[str, Sense]]) -> "Lexicon":
        """A lexicon of (phrase, sense) rows; a phrase given twice says both, an idiom says nothing else."""
        entries: dict[tuple[str, ...], tuple[Sense, ...]] = {}
        for text, sense in rows:
            words = phrase(text)
            known = entries.get(words, ())
            entries[words] = known if sense in known else (*known, sense)
        return cls(entries, max(map(len, entries), default=0))

    def at(self, words: Sequence[Word], start: int, claimed: frozenset[int]) -> tuple[int, tuple[Sense, ...]]:
        """The longest phrase that begins at `start`, as (length, senses); (0, ()) when there is none."""
        run: list[str] = []
        best: tuple[int, tuple[Sense, ...]] = (0, ())
        for word in words[start : start + self.longest]:
            if word.index in claimed or (run and word.after_break):
                break
            run.append(word.text)
            if senses := self.entries.get(tuple(run)):
                best = (len(run), senses)
        return best if best[0] else self.suffixed(words[start])

    def suffixed(self, word: Word) -> tuple[int, tuple[Sense, ...]]:
        """`guitarless` bans the guitar."""
        stem = word.text.removesuffix("less")
        if stem == word.text:
            return (0, ())
        senses = self.entries.get((stem,)) or self.entries.get((stem + "s",)) or ()
        banned = tuple(Sense(Kind.BAN, sense.value) for sense in senses if sense.kind is Kind.INSTRUMENT)
        return (1, banned) if banned else (0, ())


def find_mentions(
    words: Sequence[Word], lexicon: Lexicon, claimed: frozenset[int] = frozenset()
) -> tuple[Mention, ...]:
    """Mentions in order, without overlap; words in `claimed` belong to something read before."""
    return tuple(_walk(words, lexicon, claimed))


def _walk(words: Sequence[Word], lexicon: Lexicon, claimed: frozenset[int]) -> Iterator[Mention]:
    """One pass; at every word at most `longest` words are looked at."""
    position = 0
    while position < len(words):
        length, senses = lexicon.at(words, position, claimed)
        for sense in senses:
            yield Mention(sense, position, position + length)
        position += max(length, 1)
