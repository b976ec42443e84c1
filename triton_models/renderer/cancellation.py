"""Cooperative cancellation: long loops ask between blocks whether anyone still wants the result."""

from collections.abc import Callable

from triton_models.renderer.errors import CancelledError

IsCancelled = Callable[[], bool]


def raise_if(cancelled: IsCancelled) -> None:
    """Raise CancelledError when `cancelled` answers yes."""
    if cancelled():
        raise CancelledError("the request was cancelled")
