"""Songs that were made, kept as codes: who asks for the same again has it decoded, and the model draws nothing.

Least recently used ones go first. Used by one thread; the numbers may be read by any.
"""

import hashlib
import json
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from triton_models.codec_stream.decoding import Floats
from triton_models.musicgen.requests import AudioRequest
from triton_models.musicgen.songs import Reference
from triton_models.musicgen.windowed_song import SmallCodes

# Who asked and how urgently changes nothing that is heard.
UNHEARD = ("owner", "priority")


@dataclass(frozen=True, eq=False)
class KeptSong:
    """`codes` [books, frames], and what the song went on with."""

    codes: SmallCodes
    reference: Reference | None

    @property
    def size(self) -> int:
        """In bytes, but for some dozens."""
        before = 0 if self.reference is None else self.reference.codes.nbytes + self.reference.loudness.nbytes
        return self.codes.nbytes + before


@dataclass(frozen=True)
class CacheNumbers:
    """`hits` and `misses` since the start; `size` in bytes."""

    hits: int
    misses: int
    songs: int
    size: int


class ResultCache:
    """At most `most_bytes` of codes; with 0 nothing is kept."""

    def __init__(self, most_bytes: int) -> None:
        self._most = most_bytes
        self._songs = OrderedDict[bytes, KeptSong]()
        self._size = 0
        self._hits = 0
        self._misses = 0

    def find(self, key: bytes) -> KeptSong | None:
        """The song of this key, which is now the one used last."""
        found = self._songs.get(key)
        if found is None:
            self._misses += 1
            return None
        self._hits += 1
        self._songs.move_to_end(key)
        return found

    def keep(self, key: bytes, song: KeptSong) -> None:
        """A song that is larger than the whole cache is not kept."""
        if song.size > self._most or key in self._songs:
            return
        self._songs[key] = song
        self._size += song.size
        while self._size > self._most:
            self._size -= self._songs.popitem(last=False)[1].size

    def numbers(self) -> CacheNumbers:
        """Those of this moment."""
        return CacheNumbers(self._hits, self._misses, len(self._songs), self._size)


def key_of(
    wanted: AudioRequest, reference: Floats | None, form: Sequence[object], melody: Floats | None = None
) -> bytes:
    """SHA-256 of all that decides what is heard; `form` says what the model is and how it is run."""
    decides = {name: value for name, value in asdict(wanted).items() if name not in UNHEARD}
    digest = hashlib.sha256(json.dumps([list(form), decides], sort_keys=True).encode())
    for sound in (reference, melody):
        digest.update(hashlib.sha256(b"" if sound is None else sound.tobytes()).digest())
    return digest.digest()
