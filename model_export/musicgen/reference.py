"""What transformers makes of a checkpoint in torch: the measure of every graph of the decoder."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from transformers import MusicgenForConditionalGeneration, MusicgenMelodyForConditionalGeneration

from model_export.musicgen.checkpoint import Checkpoint
from model_export.musicgen.decoder_runs import Codes, Logits


@dataclass(frozen=True)
class Greedy:
    """Of each step and book the likeliest code [books, steps], and how far it leads the second."""

    codes: Codes
    leads: NDArray[np.float32]


class Reference:
    """The checkpoint in float32. `words` [rows, text] and their `mask` go through its own text encoder.

    `chroma` [rows, frames, classes] is for checkpoints of the melody kind; None there means no melody.
    """

    def __init__(self, folder: Path) -> None:
        self._model = self._read(folder).eval()

    def _read(self, folder: Path) -> Any:
        return MusicgenForConditionalGeneration.from_pretrained(folder, dtype=torch.float32, use_safetensors=True)

    def states(self, words: Codes, mask: Codes) -> Logits:
        """[rows, text, width] of the text encoder."""
        with torch.no_grad():
            found = self._model.text_encoder(torch.from_numpy(words), attention_mask=torch.from_numpy(mask))
        states: Logits = found.last_hidden_state.numpy()
        return states

    def decode(self, states: Logits, mask: Codes, codes: Codes, chroma: Logits | None = None) -> tuple[Logits, Logits]:
        """Hidden states [rows, n, hidden] and logits [rows, books, n, vocabulary] of `codes` [rows, books, n]."""
        rows, books, length = codes.shape
        with torch.no_grad():
            found = self._model(
                **self._told(torch.from_numpy(states), torch.from_numpy(mask), chroma),
                decoder_input_ids=torch.from_numpy(codes).reshape(rows * books, length),
                output_hidden_states=True,
            )
        # The last of them has passed the last layer norm already; of a prefix nothing is asked.
        hidden: Logits = self._last(found)[:, -length:].numpy()
        logits: Logits = found.logits[:, -length:].reshape(rows, books, length, -1).numpy()
        return hidden, logits

    def _told(self, states: Tensor, mask: Tensor, chroma: Logits | None) -> dict[str, Any]:
        """What the model is given of the text, and of the melody."""
        return {"encoder_outputs": (states,), "attention_mask": mask}

    def _last(self, found: Any) -> Tensor:
        last: Tensor = found.decoder_hidden_states[-1]
        return last

    def generate(
        self,
        words: Codes,
        mask: Codes,
        steps: int,
        guidance: float,
        given: Codes | None = None,
        chroma: Logits | None = None,
    ) -> Greedy:
        """What `generate` chooses greedily for one text [1, text], with the delay pattern and guidance.

        `given` [books, frames] are the codes of the first frames.
        """
        begun = {} if given is None else {"decoder_input_ids": torch.from_numpy(given)}
        if chroma is not None:
            begun["input_features"] = torch.from_numpy(chroma)
        with torch.no_grad():
            made = self._model.generate(
                input_ids=torch.from_numpy(words),
                attention_mask=torch.from_numpy(mask),
                do_sample=False,
                guidance_scale=guidance,
                max_new_tokens=steps,
                return_dict_in_generate=True,
                output_scores=True,
                **begun,
            )
        best = torch.stack(made.scores, dim=1).topk(2)
        return Greedy(best.indices[..., 0].numpy(), (best.values[..., 0] - best.values[..., 1]).numpy())


class MelodyReference(Reference):
    """A checkpoint of the melody kind."""

    def _read(self, folder: Path) -> Any:
        return MusicgenMelodyForConditionalGeneration.from_pretrained(folder, dtype=torch.float32, use_safetensors=True)

    def _told(self, states: Tensor, mask: Tensor, chroma: Logits | None) -> dict[str, Any]:
        """The prefix as `generate` puts it together, for `forward` takes no states that are not projected yet."""
        model, config = self._model, self._model.config
        if states.shape[-1] != config.decoder.hidden_size:
            states = model.enc_to_dec_proj(states)
        heard = torch.zeros(len(states), 1, config.num_chroma)
        heard[:, :, 0] = 1.0
        if chroma is not None:
            heard = torch.from_numpy(chroma)
        if config.num_chroma != config.decoder.hidden_size:
            heard = model.audio_enc_to_dec_proj(heard)
        times = -(-config.chroma_length // heard.shape[1])
        heard = heard.repeat(1, times, 1)[:, : config.chroma_length]
        return {"encoder_hidden_states": torch.cat([heard, states * mask[..., None]], dim=1)}

    def _last(self, found: Any) -> Tensor:
        last: Tensor = found.hidden_states[-1]
        return last


def reference_of(checkpoint: Checkpoint) -> Reference:
    """Of whichever kind the checkpoint is."""
    kind = Reference if checkpoint.config.melody is None else MelodyReference
    return kind(checkpoint.folder)
