"""Joins requests that fit together into one run and takes the results apart again; plain numpy, no Triton."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

Tensor = NDArray[np.generic]
Tensors = Mapping[str, Tensor]


def plan_batches(requests: Sequence[Tensors], max_batch_size: int) -> Iterator[list[int]]:
    """The positions of requests to run together, every position once.

    Together go requests of equal types and equal shapes behind the batch axis, at most `max_batch_size` rows in
    all. With `max_batch_size` 0 there is no batch axis and every request runs alone.
    """
    if max_batch_size == 0:
        yield from ([position] for position in range(len(requests)))
        return
    alike: dict[object, list[int]] = {}
    for position, tensors in enumerate(requests):
        alike.setdefault(_signature(tensors), []).append(position)
    for positions in alike.values():
        yield from _within(positions, [batch_rows(requests[position]) for position in positions], max_batch_size)


def batch_rows(tensors: Tensors) -> int:
    """The length of the batch axis; ValueError when the tensors disagree on it or have none."""
    lengths = {tensor.shape[0] if tensor.ndim else -1 for tensor in tensors.values()}
    if len(lengths) != 1 or -1 in lengths:
        raise ValueError(f"the inputs have different batch sizes: {sorted(lengths)}")
    return int(lengths.pop())


def join(requests: Sequence[Tensors]) -> dict[str, Tensor]:
    """One tensor per input, the requests one after the other along the batch axis."""
    if len(requests) == 1:
        return dict(requests[0])
    return {name: np.concatenate([request[name] for request in requests]) for name in requests[0]}


def split(outputs: Tensors, rows: Sequence[int]) -> list[dict[str, Tensor]]:
    """The outputs of each request; ValueError when an output has another number of rows than went in."""
    for name, output in outputs.items():
        if output.ndim == 0 or output.shape[0] != sum(rows):
            raise ValueError(f"output {name} has shape {list(output.shape)} for a batch of {sum(rows)}")
    ends = np.cumsum(rows)
    parts = {name: np.split(output, ends[:-1]) for name, output in outputs.items()}
    return [{name: part[position] for name, part in parts.items()} for position in range(len(rows))]


def _signature(tensors: Tensors) -> object:
    return tuple(sorted((name, tensor.dtype.str, tensor.shape[1:]) for name, tensor in tensors.items()))


def _within(positions: Sequence[int], rows: Sequence[int], limit: int) -> Iterator[list[int]]:
    batch: list[int] = []
    size = 0
    for position, count in zip(positions, rows, strict=True):
        if batch and size + count > limit:
            yield batch
            batch, size = [], 0
        batch.append(position)
        size += count
    if batch:
        yield batch
