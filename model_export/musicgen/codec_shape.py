"""How far EnCodec's nets look, in frames, as `codec.json` tells those who run the graphs in windows."""

import json
from dataclasses import asdict
from pathlib import Path

from model_export.musicgen.codec_architecture import CodecArchitecture
from model_export.musicgen.codec_structure import decoder_net, encoder_net, fewest, reach
from triton_models.codec_stream.shape import NAME, CodecShape, Context


def shape_of(a: CodecArchitecture) -> CodecShape:
    """Derived from the layers alone."""
    decoder, encoder = decoder_net(a), encoder_net(a)
    first, stop = reach(decoder.rest, 0, a.hop)
    begin, end = reach(encoder.rest, 0, 1)
    # The last convolution of the encoder mirrors frames, those before it samples, of which the last frame may have one.
    shortest = max(_frames(fewest(encoder.rest) - 1, a) + 1, fewest([encoder.last]))
    return CodecShape(
        sampling_rate=a.sampling_rate,
        hop=a.hop,
        channels=a.channels,
        books=a.books,
        book_size=a.book_size,
        width=a.width,
        layers=a.lstm_layers,
        padding=a.padding,
        codes_before=decoder.first.before,
        codes_after=decoder.first.after,
        latents=_context(-first, stop - 1, fewest(decoder.rest)),
        samples=_context(_frames(-begin, a), _frames(end - a.hop, a), shortest),
        normalise=a.normalise,
    )


def write_shape(a: CodecArchitecture, folder: Path) -> Path:
    """Lay `codec.json` beside the graphs."""
    target = folder / NAME
    target.write_text(json.dumps(asdict(shape_of(a)), indent=2) + "\n")
    return target


def _context(before: int, after: int, shortest: int) -> Context:
    """What a mirror at one end shows lies within `before + after` of it, so that no window may be narrower."""
    return Context(before, after, max(before + after + 1, shortest), shortest)


def _frames(samples: int, a: CodecArchitecture) -> int:
    return -(-samples // a.hop)
