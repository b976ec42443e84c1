"""What may be asked of a model at all, checked before a request costs anything. Pure."""

import numpy as np

from triton_models.generation_core.errors import RequestInvalidError, RequestTooLargeError
from triton_models.generation_core.model import StepModel
from triton_models.generation_core.request import Request, Row


def check(request: Request, model: StepModel) -> None:
    """Raises RequestInvalidError or RequestTooLargeError."""
    for row in request.rows:
        _check_prompt(row, model)
    if len(request.rows) > model.slots:
        raise RequestTooLargeError("slots", len(request.rows), model.slots)
    if request.positions > model.context:
        raise RequestTooLargeError("positions", request.positions, model.context)


def _check_prompt(row: Row, model: StepModel) -> None:
    prompt = row.prompt
    if prompt.ndim != 2 or prompt.shape[1] != model.books or not len(prompt):
        shape = list(prompt.shape)
        raise RequestInvalidError(f"a prompt has shape {shape}, it must be [positions above 0, {model.books}]")
    if prompt.dtype != np.int64:
        raise RequestInvalidError(f"a prompt is {prompt.dtype}, it must be int64")
    if prompt.min() < 0 or prompt.max() >= model.vocabulary:
        raise RequestInvalidError(f"a prompt has tokens outside 0 to {model.vocabulary - 1}")
