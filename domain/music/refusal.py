"""Which mentions a prompt refuses: how far `no`, `without` or `not` reaches over the words that follow.

A refusal covers the first thing named after it and goes on over a list: `no piano, strings or flute`. It ends
at the end of a sentence, at a word that asks for something (`with`, `but`, `only`), and at the first item that
is described rather than just named: `no drums, soft piano` asks for the piano. `not` never crosses a comma.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from domain.music.mentions import Kind, Mention
from domain.music.text import Word

_REFUSABLE = frozenset(
    {Kind.INSTRUMENT, Kind.GENRE, Kind.FLAVOUR, Kind.MOOD, Kind.PACE, Kind.ENERGY, Kind.VOCALS, Kind.METER}
    | {Kind.TEMPO, Kind.SECTION, Kind.MODE}
)
_PLAYED = frozenset({Kind.INSTRUMENT, Kind.VOCALS})
_ENDS = frozenset({Kind.TURN, Kind.EXCEPT, Kind.REFUSE, Kind.REFUSE_ONE, Kind.IDIOM, Kind.BAN})
_OR = frozenset({"or", "nor", "oder", "ou", "o", "ni", "noch"})
_AND = frozenset({"and", "und", "et", "y", "e"})
_NAMING = frozenset(
    {"a", "an", "the", "some", "ein", "eine", "der", "die", "das", "el", "la", "le", "les", "un", "une"}
)
_FILLERS = _NAMING | {
    "any",
    "of",
    "too",
    "so",
    "very",
    "kind",
    "sort",
    "sound",
    "sounds",
    "all",
    "de",
    "much",
    "really",
}
_PATIENCE = 2  # words without a meaning here that may stand between a refusal and what it refuses


@dataclass
class Scope:
    """One refusal being followed through the words."""

    lists: bool
    kinds: frozenset[Kind] = field(default_factory=frozenset)
    patience: int = _PATIENCE
    joined: str = ""

    @property
    def found(self) -> bool:
        """True once something was refused."""
        return bool(self.kinds)

    def accepts(self, kind: Kind) -> bool:
        """True when a mention of this kind can be the next item of the list."""
        if not self.found or self.joined == "or":
            return True
        return bool(self.joined) and (kind in self.kinds or (kind in _PLAYED and bool(self.kinds & _PLAYED)))

    def take(self, kinds: frozenset[Kind]) -> None:
        """Note an item of the list; the next one needs a new joint."""
        self.kinds |= kinds
        self.joined = ""

    def passes(self, word: Word) -> bool:
        """True when the list can go on over a word that is no mention."""
        if word.text in _OR | _AND:
            self.joined = "or" if word.text in _OR else "and"
            return True
        if word.text in _FILLERS:
            return not self.found or self.joined == "or" or word.text not in _NAMING
        self.patience -= 1
        return self.patience >= 0 and (not self.found or self.joined == "or")


def mark_refused(words: Sequence[Word], mentions: Sequence[Mention]) -> tuple[Mention, ...]:
    """The mentions again, those that the prompt refuses marked so. `drum-free` counts as refused."""
    at: dict[int, list[int]] = {}
    for index, mention in enumerate(mentions):
        at.setdefault(mention.start, []).append(index)
    refused = {index for index, mention in enumerate(mentions) if _is_free_of(words, mention)}
    end = -1
    for mention in mentions:
        excepting = mention.kind is Kind.EXCEPT and mention.start != end
        if mention.kind in (Kind.REFUSE, Kind.REFUSE_ONE) or excepting:
            reached, end = _reach(words, mentions, at, mention)
            refused |= reached
    return tuple(m.as_refused() if index in refused else m for index, m in enumerate(mentions))


def _is_free_of(words: Sequence[Word], mention: Mention) -> bool:
    """True for the drum in `drum-free`."""
    follows = words[mention.end] if mention.end < len(words) else None
    return bool(follows and follows.text in ("free", "frei") and follows.glued and mention.kind in _PLAYED)


def _reach(
    words: Sequence[Word], mentions: Sequence[Mention], at: Mapping[int, Sequence[int]], refusal: Mention
) -> tuple[set[int], int]:
    """Indices of the mentions that one refusal covers, and the word where it ends."""
    scope = Scope(lists=refusal.kind is not Kind.REFUSE_ONE)
    reached: set[int] = set()
    position = refusal.end
    while position < len(words) and _continues(words[position], scope):
        here = [index for index in at.get(position, ()) if mentions[index].kind in _REFUSABLE]
        ends = any(mentions[index].kind in _ENDS for index in at.get(position, ()))
        if ends and not here:
            break
        if not here:
            if not scope.passes(words[position]):
                break
            position += 1
            continue
        kinds = frozenset(mentions[index].kind for index in here)
        if not any(scope.accepts(kind) for kind in kinds):
            break
        following = mentions[here[0]].end
        if _describes(words, mentions, at, here, following):
            if scope.joined not in ("", "or"):
                break
        else:
            reached.update(here)
            scope.take(kinds)
        position = following
    return reached, position


def _continues(word: Word, scope: Scope) -> bool:
    """False where a sentence ends, or a comma that does not continue a list."""
    if word.after_stop:
        return False
    if word.after_comma:
        if not (scope.found and scope.lists):
            return False
        scope.joined = scope.joined or "comma"
    return True


def _describes(
    words: Sequence[Word],
    mentions: Sequence[Mention],
    at: Mapping[int, Sequence[int]],
    here: Sequence[int],
    following: int,
) -> bool:
    """True for an adjective of the instrument right behind it, as in `no loud drums`."""
    if any(mentions[index].kind in _PLAYED for index in here) or following >= len(words):
        return False
    if words[following].after_break:
        return False
    return any(mentions[index].kind in _PLAYED for index in at.get(following, ()))
