"""The locked process: `python -m adapters.media.intake.child MAX_SECONDS [DESCRIPTOR]`, the file as standard input.

Of a file that is still on its way it reads nothing before a byte comes through the descriptor. It writes the frames of
`frames.py` to standard output. Whatever goes wrong with a file is said there.
"""

import json
import os
import sys
from dataclasses import asdict
from typing import BinaryIO

import av.logging

from adapters.media.intake.cover import pixels_of
from adapters.media.intake.decoding import Decoder
from adapters.media.intake.faults import BOMB, DAMAGED, Fault
from adapters.media.intake.frames import COVER, FAULT, LOCKED, LYRICS, REPORT, SAMPLES, framed
from adapters.media.intake.lockdown import Bounds, lock
from adapters.media.intake.lyrics import texts_in
from adapters.media.intake.rehearsal import rehearse
from adapters.media.intake.sniff import sniff

TAGS = ("title", "artist", "album", "genre", "date")
MAX_TAG = 400


def main() -> None:
    max_seconds, word = float(sys.argv[1]), sys.argv[2:]
    source, pipe = os.fdopen(0, "rb"), os.fdopen(1, "wb", buffering=1 << 20)
    av.logging.set_level(None)
    rehearse()
    _say(pipe, LOCKED, asdict(lock(Bounds())))
    pipe.flush()
    if word and not os.read(int(word[0]), 1):
        os._exit(0)
    try:
        _decode(source, os.fstat(0).st_size, max_seconds, pipe)
    except Fault as fault:
        _say(pipe, FAULT, {"code": fault.code, "detail": fault.detail})
    except MemoryError:
        _say(pipe, FAULT, {"code": BOMB, "detail": ""})
    except Exception as error:
        _say(pipe, FAULT, {"code": DAMAGED, "detail": "", "error": repr(error)[:300]})
    pipe.flush()
    # Without the interpreter's farewell, which would want to do what is forbidden now.
    os._exit(0)


def _decode(source: BinaryIO, size: int, max_seconds: float, pipe: BinaryIO) -> None:
    decoder = Decoder(source, sniff(source), size, max_seconds)
    for block in decoder.blocks():
        if len(block):
            pipe.write(framed(SAMPLES, block.tobytes()))
    found = decoder.source
    if found.picture is not None and (pixels := pixels_of(found.picture)) is not None:
        pipe.write(framed(COVER, pixels))
    metadata = {name.lower(): text for name, text in (found.metadata or {}).items()}
    for text in texts_in(source, metadata, found.sample_rate):
        pipe.write(framed(LYRICS, text))
    report = {
        "container": found.container,
        "codec": found.codec,
        "sample_rate": found.sample_rate,
        "channels": found.channels,
        "tags": {name: metadata.get(name, "")[:MAX_TAG] for name in TAGS},
    }
    _say(pipe, REPORT, report)


def _say(pipe: BinaryIO, kind: bytes, content: object) -> None:
    pipe.write(framed(kind, json.dumps(content).encode()))


if __name__ == "__main__":
    main()
