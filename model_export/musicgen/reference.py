"""What transformers makes of a checkpoint in torch: the measure of every graph of the decoder."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import MusicgenForConditionalGeneration

from model_export.musicgen.decoder_runs import Codes, Logits


@dataclass(frozen=True)
class Greedy:
    """Of each step and book the likeliest code [books, steps], and how far it leads the second."""

    codes: Codes
    leads: NDArray[np.float32]


class Reference:
    """The checkpoint in float32. `words` [rows, text] and their `mask` go through its own text encoder."""

    def __init__(self, folder: Path) -> None:
        read = MusicgenForConditionalGeneration.from_pretrained(folder, dtype=torch.float32, use_safetensors=True)
        self._model = read.eval()

    def states(self, words: Codes, mask: Codes) -> Logits:
        """[rows, text, width] of the text encoder."""
        with torch.no_grad():
            found = self._model.text_encoder(torch.from_numpy(words), attention_mask=torch.from_numpy(mask))
        states: Logits = found.last_hidden_state.numpy()
        return states

    def decode(self, states: Logits, mask: Codes, codes: Codes) -> tuple[Logits, Logits]:
        """Hidden states [rows, n, hidden] and logits [rows, books, n, vocabulary] of `codes` [rows, books, n]."""
        rows, books, length = codes.shape
        with torch.no_grad():
            found = self._model(
                encoder_outputs=(torch.from_numpy(states),),
                attention_mask=torch.from_numpy(mask),
                decoder_input_ids=torch.from_numpy(codes).reshape(rows * books, length),
                output_hidden_states=True,
            )
        # The last of them has passed the last layer norm already.
        hidden: Logits = found.decoder_hidden_states[-1].numpy()
        logits: Logits = found.logits.reshape(rows, books, length, -1).numpy()
        return hidden, logits

    def generate(self, words: Codes, mask: Codes, steps: int, guidance: float, given: Codes | None = None) -> Greedy:
        """What `generate` chooses greedily for one text [1, text], with the delay pattern and guidance.

        `given` [books, frames] are the codes of the first frames.
        """
        begun = {} if given is None else {"decoder_input_ids": torch.from_numpy(given)}
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
