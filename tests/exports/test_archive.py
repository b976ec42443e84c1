"""An archive that is written as a stream opens as any other, and its parts grow."""

import hashlib
import io
import json
import zipfile
from datetime import UTC, datetime

from domain.exports.archive import ArchiveWriter
from domain.exports.model import MOST_PARTS, PART_BYTES, part_bytes

NOW = datetime(2026, 11, 22, 4, 30, tzinfo=UTC)


def test_what_is_taken_piece_by_piece_is_the_archive() -> None:
    # given files that are written in pieces, and taken away between them
    writer, taken = ArchiveWriter(NOW), bytearray()
    writer.put_text("words/lyrics.lrc", "[00:01.00]Öl")
    taken += writer.take(5)
    song = writer.open("tracks/song.flac")
    for number in range(100):
        song.write(bytes([number]) * 1000)
        taken += writer.take(700)
    song.close()
    writer.open("tracks/empty.mid").close()
    writer.leave_out("tracks/gone.mp3")
    writer.put_json("area.json", {"at": NOW, "words": "Öl"})
    writer.close()
    while piece := writer.take(333):
        taken += piece
    # then every byte is there, under its name
    expected = b"".join(bytes([number]) * 1000 for number in range(100))
    with zipfile.ZipFile(io.BytesIO(bytes(taken))) as archive:
        assert archive.testzip() is None
        assert archive.read("tracks/song.flac") == expected
        assert archive.getinfo("tracks/song.flac").compress_type == zipfile.ZIP_STORED
        assert archive.getinfo("area.json").date_time == (2026, 11, 22, 4, 30, 0)
        assert json.loads(archive.read("area.json")) == {"at": "2026-11-22T04:30:00+00:00", "words": "Öl"}
        files = {name: archive.read(name) for name in archive.namelist()}
    # and the manifest knows each but itself
    manifest = json.loads(files.pop("manifest.json"))
    assert manifest["madeAt"] == "2026-11-22T04:30:00+00:00"
    assert [entry for entry in manifest["files"] if "isMissing" not in entry] == [
        {"path": name, "sizeBytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        for name, data in files.items()
    ]
    assert [entry for entry in manifest["files"] if "isMissing" in entry] == [
        {"path": "tracks/gone.mp3", "isMissing": True}
    ]


def test_parts_grow_so_that_storage_takes_all_of_them() -> None:
    assert (part_bytes(1), part_bytes(100), part_bytes(101)) == (PART_BYTES, PART_BYTES, 2 * PART_BYTES)
    assert part_bytes(MOST_PARTS) == 80 << 20
    assert sum(map(part_bytes, range(1, MOST_PARTS + 1))) == 44_000 << 20
