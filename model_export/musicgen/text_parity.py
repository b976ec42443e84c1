"""The text encoder's graph against the published encoder, on texts of several lengths side by side."""

from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

from model_export.musicgen.checkpoint import Checkpoint
from model_export.musicgen.text_encoder import GRAPH, TextEncoder, most_tokens
from model_export.sessions import session
from model_export.stages import Outcome, ParityLostError, Status

SEED: Final = 22
TOLERANCE: Final = 1e-4
LENGTHS: Final = ((1,), (2, 1), (5, 16, 9), (33, 40))
Ids = NDArray[np.int64]


def check_text_encoder(checkpoint: Checkpoint, folder: Path, tolerance: float = TOLERANCE) -> Outcome:
    """Largest distance of a state behind a token that counts; raises ParityLostError above the tolerance."""
    encoder, runner = TextEncoder(checkpoint), session(folder / GRAPH)
    away, most = 0.0, most_tokens(checkpoint.config.text.raw)
    for lengths in (*LENGTHS, (most, 3)):
        ids, mask = texts([min(length, most) for length in lengths], checkpoint.config.text.vocabulary)
        with torch.no_grad():
            wanted = encoder(torch.from_numpy(ids), torch.from_numpy(mask)).numpy()
        (found,) = runner.run(["states"], {"input_ids": ids, "attention_mask": mask})
        away = max(away, float(np.abs((found - wanted) * mask[:, :, None]).max()))
    if not away <= tolerance:
        raise ParityLostError(f"the text encoder's states differ by {away:.2e}, {tolerance:.0e} is allowed")
    return Status.PASSED, {"largest_difference": away}


def texts(lengths: list[int], vocabulary: int) -> tuple[Ids, Ids]:
    """Random ids and mask [rows, longest]; where the mask is 0, the ids are too."""
    mask: Ids = (np.arange(max(lengths)) < np.array(lengths)[:, None]).astype(np.int64)
    ids: Ids = np.random.default_rng(SEED).integers(min(2, vocabulary - 1), vocabulary, mask.shape) * mask
    return ids, mask
