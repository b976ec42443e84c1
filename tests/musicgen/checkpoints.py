"""Tiny random checkpoints in exactly the hub's format, made by transformers itself; each takes well under a second."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import torch
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers
from transformers import (
    MusicgenConfig,
    MusicgenForConditionalGeneration,
    MusicgenMelodyConfig,
    MusicgenMelodyForConditionalGeneration,
    PreTrainedModel,
)
from transformers.utils import logging

VOCABULARY: Final = 64
WORDS: Final = 99
CONTEXT: Final = 320
README: Final = "---\nlicense: cc-by-nc-4.0\ntags:\n- musicgen\n---\n\n# A tiny random model\n"
GENERATION: Final = {"decoder_start_token_id": VOCABULARY, "do_sample": True, "guidance_scale": 3.0, "max_length": 257}

T5: Final[Mapping[str, Any]] = {
    "model_type": "t5",
    "vocab_size": WORDS,
    "d_model": 24,
    "d_kv": 5,
    "d_ff": 40,
    "num_layers": 2,
    "num_heads": 3,
}
# Gated, with heads of another size than the width has room for.
GATED_T5: Final = {**T5, "feed_forward_proj": "gated-gelu", "d_kv": 8, "relative_attention_num_buckets": 16}
BERT: Final[Mapping[str, Any]] = {
    "model_type": "bert",
    "vocab_size": WORDS,
    "hidden_size": 24,
    "num_hidden_layers": 2,
    "num_attention_heads": 3,
    "intermediate_size": 40,
    "max_position_embeddings": 64,
}
# 50 frames a second of four books with 6 bits each, as the published codec has four with 11 bits.
ENCODEC: Final[Mapping[str, Any]] = {
    "model_type": "encodec",
    "sampling_rate": 400,
    "upsampling_ratios": [4, 2],
    "target_bandwidths": [1.2],
    "codebook_size": VOCABULARY,
    "hidden_size": 16,
    "num_filters": 4,
    "use_causal_conv": False,
    "chunk_length_s": None,
}
DECODER: Final[Mapping[str, Any]] = {
    "model_type": "musicgen_decoder",
    "vocab_size": VOCABULARY,
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "ffn_dim": 64,
    "num_codebooks": 4,
    "audio_channels": 1,
    "max_position_embeddings": CONTEXT,
    "pad_token_id": VOCABULARY,
    "bos_token_id": VOCABULARY,
}

# Frames of chroma before each text: 235 in the published models.
CHROMA: Final = 24
# With the names that MusicgenMelodyFeatureExtractor writes, at the rate of the tiny codec.
PREPROCESSOR: Final[Mapping[str, Any]] = {
    "chunk_length": 4,
    "feature_extractor_type": "MusicgenMelodyFeatureExtractor",
    "feature_size": 12,
    "hop_length": 64,
    "n_fft": 256,
    "n_samples": 1600,
    "padding_side": "right",
    "padding_value": 0.0,
    "return_attention_mask": False,
    "sampling_rate": 400,
    "stem_indices": [3, 2],
}


def checkpoint(
    folder: Path,
    text: Mapping[str, Any] = T5,
    codec: Mapping[str, Any] = ENCODEC,
    *,
    seed: int = 3,
    **decoder: Any,
) -> Path:
    """Mono with four books; what is given further replaces fields of the decoder."""
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    torch.manual_seed(seed)
    config = MusicgenConfig(text_encoder=dict(text), audio_encoder=dict(codec), decoder={**DECODER, **decoder})
    return written(folder, MusicgenForConditionalGeneration(config))


def written(folder: Path, model: PreTrainedModel) -> Path:
    """The model with weights that do something, and what lies beside them on the hub."""
    _enliven(model)
    model.save_pretrained(folder)
    (folder / "generation_config.json").write_text(json.dumps({**GENERATION, "pad_token_id": VOCABULARY}))
    (folder / "README.md").write_text(README)
    _tokenizer().save(str(folder / "tokenizer.json"))
    return folder


def melody(folder: Path, **decoder: Any) -> Path:
    """Mono, of the kind that hears melodies."""
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    torch.manual_seed(4)
    parts = {"text_encoder": dict(T5), "audio_encoder": dict(ENCODEC)}
    own = {**DECODER, "model_type": "musicgen_melody_decoder", **decoder}
    config = MusicgenMelodyConfig(**parts, decoder=own, chroma_length=CHROMA)
    written(folder, MusicgenMelodyForConditionalGeneration(config))
    (folder / "preprocessor_config.json").write_text(json.dumps(PREPROCESSOR))
    return folder


def stereo_melody(folder: Path) -> Path:
    """Eight books, and the text as wide as the decoder, so that only the melody is projected."""
    return melody(folder, num_codebooks=8, audio_channels=2, hidden_size=24, num_attention_heads=3)


def stereo(folder: Path, **decoder: Any) -> Path:
    """Eight books, those of left and right in turns; the codec is the same mono one."""
    return checkpoint(folder, num_codebooks=8, audio_channels=2, **decoder)


def odd(folder: Path) -> Path:
    """No size is a multiple of 8 or of another, the text is as wide as the decoder, and nothing is as published."""
    return checkpoint(
        folder,
        {**GATED_T5, "d_model": 42},
        {**ENCODEC, "use_causal_conv": True, "num_residual_layers": 2, "num_filters": 3},
        hidden_size=42,
        num_attention_heads=3,
        ffn_dim=70,
        num_hidden_layers=3,
        activation_function="relu",
    )


def another_encoder(folder: Path) -> Path:
    """Words are read by a BERT."""
    return checkpoint(folder, BERT)


MELODIES: Final[Mapping[str, Callable[[Path], Path]]] = {"melody": melody, "stereo melody": stereo_melody}
KINDS: Final[Mapping[str, Callable[[Path], Path]]] = {
    "mono": checkpoint,
    "stereo": stereo,
    "odd": odd,
    "another encoder": another_encoder,
}
ALL_KINDS: Final = {**KINDS, **MELODIES}


def change_weights(folder: Path, change: Callable[[dict[str, torch.Tensor]], Mapping[str, torch.Tensor]]) -> None:
    """Write what `change` makes of the weights."""
    file = folder / "model.safetensors"
    save_file(dict(change(load_file(file))), file, metadata={"format": "pt"})


def configure(folder: Path, path: str, value: Any) -> None:
    """Set a field of config.json, `decoder.num_codebooks` for example; None takes it out."""
    file = folder / "config.json"
    config = json.loads(file.read_text())
    *outer, name = path.split(".")
    inner = config
    for key in outer:
        inner = inner[key]
    inner[name] = value
    if value is None:
        del inner[name]
    file.write_text(json.dumps(config))


def shard(folder: Path, pieces: int = 3) -> None:
    """Lay the weights over several files with an index, as the larger published models have them."""
    whole = folder / "model.safetensors"
    weights = load_file(whole)
    names = [f"model-{number + 1:05}-of-{pieces:05}.safetensors" for number in range(pieces)]
    places = {tensor: names[number % pieces] for number, tensor in enumerate(sorted(weights))}
    for name in names:
        part = {tensor: weights[tensor] for tensor, place in places.items() if place == name}
        save_file(part, folder / name, metadata={"format": "pt"})
    index = {"metadata": {"total_size": whole.stat().st_size}, "weight_map": places}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    whole.unlink()


def _enliven(model: torch.nn.Module) -> None:
    """Weights large enough that the likeliest code changes from step to step, and norms that are not neutral."""
    with torch.no_grad():
        for name, values in model.decoder.named_parameters():
            if "norm" in name:
                values.add_(0.2 * torch.randn_like(values))
            else:
                values.mul_(12.0 if "embed_tokens" in name or "lm_heads" in name else 8.0)
        for book in model.audio_encoder.quantizer.layers:
            book.codebook.embed.normal_()


def _tokenizer() -> Tokenizer:
    """A unigram model over letters and a few words, with T5's special tokens in their places."""
    words = ["▁a", "▁pop", "▁rock", "▁song", "▁slow", "▁fast", "▁piano", "▁drums", "▁with", "▁jazz"]
    pieces = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("▁", -3.0)]
    pieces += [(word, -2.0) for word in words] + [(letter, -5.0) for letter in "abcdefghijklmnopqrstuvwxyz"]
    made = Tokenizer(models.Unigram(pieces, unk_id=2))
    made.normalizer = normalizers.Lowercase()
    made.pre_tokenizer = pre_tokenizers.Metaspace()
    made.decoder = decoders.Metaspace()
    return made
