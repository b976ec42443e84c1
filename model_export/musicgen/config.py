"""Sizes of a MusicGen checkpoint, read from its `config.json` and bounded before anything is made of them."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, TypeAlias

import transformers

from model_export.musicgen.errors import ConfigInvalidError, ModelNotSupportedError
from model_export.musicgen.fields import check_fields, read_object
from model_export.musicgen.melody_config import MelodyConfig, read_melody

FILE: Final = "config.json"
PARTS: Final = ("text_encoder", "audio_encoder", "decoder")
MELODY: Final = "musicgen_melody"
KINDS: Final = {"musicgen": transformers.MusicgenConfig, MELODY: transformers.MusicgenMelodyConfig}
Theirs: TypeAlias = transformers.MusicgenConfig | transformers.MusicgenMelodyConfig
MOST_BOOKS: Final = 16
MOST_CODEC_BOOKS: Final = 64
# nn.LayerNorm's own, which no MusicGen configuration can change.
NORM_EPSILON: Final = 1e-5
ACTIVATIONS: Final = ("gelu", "gelu_new", "gelu_pytorch_tanh", "relu", "silu", "swish")


@dataclass(frozen=True)
class TextConfig:
    """The text encoder. `raw` has every field of its transformers configuration, defaults included."""

    model_type: str
    hidden: int
    vocabulary: int
    raw: Mapping[str, Any]


@dataclass(frozen=True)
class DecoderConfig:
    """The decoder; its tokens are the codes 0 … vocabulary - 1 and `start_token`, which stands where no code is.

    In stereo models the books of left and right take turns.
    `projected` says whether text states pass through a matrix of their own before the decoder.
    """

    layers: int
    heads: int
    hidden: int
    ffn: int
    books: int
    vocabulary: int
    audio_channels: int
    max_positions: int
    activation: str
    projected: bool
    norm_epsilon: float = NORM_EPSILON

    @property
    def head_size(self) -> int:
        return self.hidden // self.heads

    @property
    def start_token(self) -> int:
        return self.vocabulary


@dataclass(frozen=True)
class CodecConfig:
    """The EnCodec codec: `books` are those of one channel, `ratios` those of its decoder, in order.

    `sampling_rate` is in Hz. `raw` has every field of its transformers configuration, defaults included.
    """

    sampling_rate: int
    ratios: tuple[int, ...]
    books: int
    codebook_size: int
    codebook_dim: int
    raw: Mapping[str, Any]

    @property
    def hop(self) -> int:
        """Samples per frame of codes."""
        return math.prod(self.ratios)


@dataclass(frozen=True)
class MusicGenConfig:
    """All three parts, and `generation_config.json` as it is (empty where there is none).

    With a `melody`, that and the text stand before the codes; without, the text is in a cross-attention.
    """

    text: TextConfig
    decoder: DecoderConfig
    codec: CodecConfig
    generation: Mapping[str, Any]
    melody: MelodyConfig | None = None


def read_config(folder: Path) -> tuple[MusicGenConfig, Theirs]:
    """The sizes, and transformers' own object of the same; raises CheckpointInvalidError."""
    file, generation = folder / FILE, folder / "generation_config.json"
    raw = read_object(file)
    _check_kind(file, raw)
    check_fields(file, raw)
    told = read_object(generation) if generation.exists() else {}
    try:
        theirs = KINDS[raw["model_type"]].from_dict(raw)
        found = MusicGenConfig(_text(theirs.text_encoder), _decoder(theirs), _codec(theirs.audio_encoder), told)
    # The checks of fields raise whatever fits them, and a field may be anything.
    except Exception as error:
        raise ConfigInvalidError(file, f"transformers refuses it: {' '.join(str(error).split())}") from error
    for problem in _problems(found, theirs.decoder.bos_token_id):
        raise ConfigInvalidError(file, problem)
    if raw["model_type"] == MELODY:
        found = replace(found, melody=read_melody(folder, theirs))
    return found, theirs


def _check_kind(file: Path, raw: Mapping[str, Any]) -> None:
    kind = raw.get("model_type")
    if kind not in KINDS:
        raise ModelNotSupportedError("model_type", kind, " and ".join(map(repr, KINDS)))
    for part in PARTS:
        if not isinstance(raw.get(part), dict):
            raise ConfigInvalidError(file, f"{part} is no object with its configuration")
    codec = raw["audio_encoder"].get("model_type", "encodec")
    if codec != "encodec":
        raise ModelNotSupportedError("audio_encoder.model_type", codec, "'encodec'")


def _text(theirs: Any) -> TextConfig:
    return TextConfig(theirs.model_type, int(theirs.hidden_size), int(theirs.vocab_size), theirs.to_dict())


def _decoder(theirs: Any) -> DecoderConfig:
    d = theirs.decoder
    return DecoderConfig(
        layers=int(d.num_hidden_layers),
        heads=int(d.num_attention_heads),
        hidden=int(d.hidden_size),
        ffn=int(d.ffn_dim),
        books=int(d.num_codebooks),
        vocabulary=int(d.vocab_size),
        audio_channels=int(d.audio_channels),
        max_positions=int(d.max_position_embeddings),
        activation=str(d.activation_function),
        projected=theirs.text_encoder.hidden_size != d.hidden_size
        and getattr(d, "cross_attention_hidden_size", None) is None,
    )


def _codec(theirs: Any) -> CodecConfig:
    return CodecConfig(
        sampling_rate=int(theirs.sampling_rate),
        ratios=tuple(int(ratio) for ratio in theirs.upsampling_ratios),
        books=int(theirs.num_quantizers),
        codebook_size=int(theirs.codebook_size),
        codebook_dim=int(theirs.codebook_dim),
        raw=theirs.to_dict(),
    )


def _problems(found: MusicGenConfig, beginning: int | None) -> Iterator[str]:
    """What does not go together."""
    d, codec = found.decoder, found.codec
    sizes = (d.layers, d.heads, d.hidden, d.ffn, d.vocabulary, d.max_positions, codec.sampling_rate, *codec.ratios)
    if min(sizes) < 1:
        yield "every size must be at least 1"
        return
    if d.hidden % d.heads or d.hidden < 4:
        yield f"decoder.hidden_size is {d.hidden}, it must be at least 4 and a multiple of the {d.heads} heads"
    if d.activation not in ACTIVATIONS:
        yield f"decoder.activation_function is {d.activation!r}, it must be one of {', '.join(ACTIVATIONS)}"
    if d.audio_channels not in (1, 2) or not 1 <= d.books <= MOST_BOOKS or d.books % d.audio_channels:
        yield f"decoder.num_codebooks is {d.books} for {d.audio_channels} channels: 1 to {MOST_BOOKS} for 1 or 2 can be"
    elif not d.books // d.audio_channels <= codec.books <= MOST_CODEC_BOOKS:
        yield f"the codec has {codec.books} code books, the decoder writes {d.books // d.audio_channels} a channel"
    if found.text.hidden != d.hidden and not d.projected:
        yield f"the text has states of {found.text.hidden}, the decoder {d.hidden}, and there is no projection between"
    if d.vocabulary > codec.codebook_size:
        yield f"the decoder writes {d.vocabulary} different codes, the codec knows {codec.codebook_size}"
    if codec.raw["audio_channels"] != 1:
        yield "audio_encoder.audio_channels must be 1: of stereo, each channel is decoded by itself"
    start = found.generation.get("decoder_start_token_id", beginning)
    if start != d.start_token:
        yield f"sequences begin with the token {start}, it must be the one behind the codes, {d.start_token}"
