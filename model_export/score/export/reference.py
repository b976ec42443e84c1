"""What the published architecture, as transformers builds it in torch, makes of a checkpoint."""

from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file
from transformers import LlamaForCausalLM

from model_export.score.export.checkpoint import PREFIX
from model_export.score.export.decoding import Logits, Tokens


class Reference:
    """The checkpoint in float32. A token of -1 stands for the projected text of its row."""

    def __init__(self, folder: Path) -> None:
        self._model = LlamaForCausalLM.from_pretrained(folder, dtype=torch.float32, use_safetensors=True).eval()
        self._projection = load_file(folder / "model.safetensors").get(f"{PREFIX}.weight")

    def logits(self, tokens: Tokens, prefix: Logits) -> Logits:
        """[rows, n, vocabulary], each behind its token of `tokens` [rows, n]; `prefix` [rows, prefix]."""
        with torch.no_grad():
            logits: Logits = self._model(inputs_embeds=self._embedded(tokens, prefix)).logits.numpy()
        return logits

    def greedy(self, tokens: Tokens, prefix: Logits, steps: int) -> Tokens:
        """[rows, steps] after `tokens` [rows, n], the likeliest each time, with the model's own growing caches."""
        made = []
        with torch.no_grad():
            found = self._model(inputs_embeds=self._embedded(tokens, prefix), use_cache=True)
            for _ in range(steps):
                made.append(found.logits[:, -1].argmax(dim=-1))
                found = self._model(made[-1][:, None], past_key_values=found.past_key_values, use_cache=True)
        likeliest: Tokens = torch.stack(made, dim=1).numpy()
        return likeliest

    def _embedded(self, tokens: Tokens, prefix: Logits) -> torch.Tensor:
        given = torch.from_numpy(tokens)
        embedded: torch.Tensor = self._model.get_input_embeddings()(given.clamp(min=0))
        if self._projection is None:
            return embedded
        projected = torch.from_numpy(prefix.astype(np.float32)) @ self._projection.float().T
        return torch.where((given < 0)[:, :, None], projected[:, None], embedded)
