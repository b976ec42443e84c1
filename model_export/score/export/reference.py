"""What the published architecture, as transformers builds it in torch, makes of a checkpoint."""

from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file
from transformers import LlamaForCausalLM

from model_export.score.export.checkpoint import TEXT
from model_export.score.export.decoding import Logits, Tokens


class Reference:
    """The checkpoint in float32. `texts` [rows, text] are added where `bos_token_id` stands."""

    def __init__(self, folder: Path) -> None:
        self._model = LlamaForCausalLM.from_pretrained(folder, dtype=torch.float32, use_safetensors=True).eval()
        self._projection = load_file(folder / "model.safetensors").get(TEXT)

    def logits(self, tokens: Tokens, texts: Logits) -> Logits:
        """[rows, n, vocabulary], each behind its token of `tokens` [rows, n]."""
        with torch.no_grad():
            logits: Logits = self._model(inputs_embeds=self._embedded(tokens, texts)).logits.numpy()
        return logits

    def greedy(self, tokens: Tokens, texts: Logits, steps: int) -> tuple[Tokens, Logits]:
        """[rows, steps] after `tokens` [rows, n]: the likeliest token each time, and how far it leads the second.

        With the model's own growing caches.
        """
        made, leads = [], []
        with torch.no_grad():
            found = self._model(inputs_embeds=self._embedded(tokens, texts), use_cache=True)
            for _ in range(steps):
                best = found.logits[:, -1].topk(2)
                made.append(best.indices[:, 0])
                leads.append(best.values[:, 0] - best.values[:, 1])
                embedded = self._embedded(made[-1][:, None].numpy(), texts)
                found = self._model(inputs_embeds=embedded, past_key_values=found.past_key_values, use_cache=True)
        return torch.stack(made, dim=1).numpy(), torch.stack(leads, dim=1).numpy()

    def _embedded(self, tokens: Tokens, texts: Logits) -> torch.Tensor:
        given = torch.from_numpy(tokens)
        embedded: torch.Tensor = self._model.get_input_embeddings()(given)
        if self._projection is None:
            return embedded
        projected = torch.from_numpy(texts.astype(np.float32)) @ self._projection.float().T
        here = (given == self._model.config.bos_token_id)[:, :, None]
        return embedded + here * projected[:, None]
