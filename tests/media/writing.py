"""Songs written chunk by chunk, both sides of each."""

from collections.abc import Mapping

from domain.kit.audio.media import Audio, LadderSegment, RenditionWriter


def written(writer: RenditionWriter, mix: Audio, stems: Mapping[str, Audio]) -> list[LadderSegment]:
    """A chunk that is played and kept; the segments that it completed."""
    segments = list(writer.play(mix))
    writer.keep(mix, stems)
    return segments
