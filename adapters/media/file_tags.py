"""New heads for finished files, by their media type."""

from adapters.media.flac_head import flac_head
from adapters.media.id3_head import id3_head
from domain.kit.audio.file_tags import FileTags, NewHead


class HeadTagging:
    """`FileTagging` for FLAC and MP3. It holds nothing."""

    def head(self, content_type: str, beginning: bytes, tags: FileTags) -> NewHead | None:
        if content_type == "audio/flac":
            return flac_head(beginning, tags)
        return id3_head(beginning, tags) if content_type == "audio/mpeg" else None
