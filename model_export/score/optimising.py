"""What takes the steps of a training: Muon for the matrices of the layers, AdamW for everything else."""

from torch import nn, optim

from model_export.score.sizes import Recipe


def optimisers_of(model: nn.Module, recipe: Recipe) -> list[optim.Optimizer]:
    """Muon (Jordan et al., 2024), its steps scaled to be as large as AdamW's (Liu et al., 2025), and AdamW.

    One rate serves both. Embeddings, the projection of descriptions and norms are AdamW's; they do not decay.
    """
    weights = dict(model.named_parameters())
    matrices = [weight for name, weight in weights.items() if weight.ndim == 2 and ".layers." in name]
    others = [weight for name, weight in weights.items() if weight.ndim != 2 or ".layers." not in name]
    return [
        optim.Muon(matrices, lr=recipe.rate, weight_decay=recipe.decay, adjust_lr_fn="match_rms_adamw"),
        optim.AdamW(others, lr=recipe.rate, betas=recipe.betas, weight_decay=0.0),
    ]
