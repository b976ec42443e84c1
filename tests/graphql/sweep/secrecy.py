"""What belongs to the first person, and finding it again: in answers, and in what the database holds."""

import base64
import binascii
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.graphql.belongings import Settled

ULID = re.compile(r"[0-9A-HJKMNP-TV-Z]{26}")
# Global ids, cursors, and the parts of signed tokens.
FOLDED = re.compile(r"[A-Za-z0-9_+/-]{8,}={0,2}")
# A cursor that only counts is the same for everybody.
COUNT = re.compile(r"cursor:\d{1,6}")
SHORTEST_WORD = 8

Contents = Mapping[str, Collection[Mapping[str, Any]]]
# Where documents say whose they are.
OWNERS = ("owner_id", "organisation_id", "account_id", "founder_id")


@dataclass(frozen=True)
class Record:
    text: str
    owner: str | None


Records = Mapping[tuple[str, str], Record]


@dataclass(frozen=True)
class Belongings:
    """Every id that the database has of somebody, and every word of theirs: marks, addresses, secrets."""

    ids: frozenset[str]
    words: frozenset[str]

    @classmethod
    def of(cls, person: Settled, contents: Contents) -> "Belongings":
        """`contents` are from before anybody else was there."""
        texts = (handle.text for handle in person.handles)
        words = {text.lower() for text in texts if len(text) >= SHORTEST_WORD and not _is_anybodys(text)}
        return cls(frozenset(ULID.findall(str(contents))), frozenset({*words, person.mark.lower()}))

    def without(self, known: Collection[str]) -> "Belongings":
        return Belongings(self.ids.difference(known), self.words.difference(known))

    def found_in(self, text: str, sent: str = "") -> set[str]:
        """What of it stands in a text, plain or folded into base 64, and was not sent there."""
        plain = unfolded(text.replace(sent, " ") if sent else text)
        lowered = plain.lower()
        found = self.ids.intersection(ULID.findall(plain)) | {word for word in self.words if word in lowered}
        told = unfolded(sent)
        return {each for each in found if each not in told and each not in told.lower()}

    def records_in(self, contents: Contents) -> Records:
        """The documents that mention any of it, by collection and id."""
        return {
            (name, str(each["_id"])): Record(str(each), _owner_of(each))
            for name, documents in contents.items()
            for each in documents
            if self._is_in(str(each))
        }

    def _is_in(self, text: str) -> bool:
        lowered = text.lower()
        return not self.ids.isdisjoint(ULID.findall(text)) or any(word in lowered for word in self.words)


def _is_anybodys(text: str) -> bool:
    """Whether it is no secret of its own: an id is looked for by itself, and a count is nobody's."""
    return ULID.search(unfolded(text)) is not None or COUNT.fullmatch(_decoded(text) or "") is not None


def unfolded(text: str) -> str:
    """The text and what it hides in base 64."""
    return " ".join((text, *filter(None, map(_decoded, FOLDED.findall(text)))))


def harm(before: Records, after: Records, own: Iterable[str], traces: Collection[str]) -> list[str]:
    """What was done to records; new ones of the caller's `own`, and the collections `traces`, do not count."""
    names = set(own)
    told = []
    for key in before.keys() | after.keys():
        is_own = key not in before and after[key].owner in names
        if before.get(key) != after.get(key) and key[0] not in traces and not is_own:
            verb = "made" if key not in before else "removed" if key not in after else "changed"
            told.append(f"{verb} {key[0]} {key[1]}")
    return told


def _owner_of(document: Mapping[str, Any]) -> str | None:
    return next((document[name] for name in OWNERS if name in document), None)


def _decoded(text: str) -> str | None:
    plain = text.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4)).decode("latin-1")
    except (binascii.Error, ValueError):
        return None
