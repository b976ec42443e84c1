"""Why a folder is refused as a checkpoint. The text is one sentence for the person who brought it."""

from collections.abc import Mapping, Sequence
from pathlib import Path

SHOWN = 3


class CheckpointInvalidError(ValueError):
    """The folder holds no checkpoint that can be exported; the text says what is wrong and what to do."""


class ConfigInvalidError(CheckpointInvalidError):
    """`config.json`, or another of the small files, is missing, is no such file or asks for what cannot be."""

    def __init__(self, file: Path, problem: str) -> None:
        super().__init__(f"{file.name}: {problem}")
        self.file = file
        self.problem = problem


class ModelNotSupportedError(CheckpointInvalidError):
    """The configuration is sound, but of a model of another kind."""

    def __init__(self, field: str, found: object, supported: str) -> None:
        super().__init__(f"config.json: {field} is {found!r}, only {supported} can be exported")
        self.field = field
        self.found = found


class PickledWeightsError(CheckpointInvalidError):
    """There are weights, but only as pickles, which may run anything when they are opened."""

    def __init__(self, files: Sequence[str]) -> None:
        super().__init__(
            f"{', '.join(files[:SHOWN])}: pickled weights may run any program and are never loaded; where you trust "
            "them, load them with transformers and call save_pretrained(folder), which writes model.safetensors"
        )
        self.files = tuple(files)


class WeightsUnreadableError(CheckpointInvalidError):
    """A file of weights is missing, cut off or no file of weights."""

    def __init__(self, file: str, problem: str) -> None:
        super().__init__(f"{file}: {problem}")
        self.file = file


class WeightsMismatchError(CheckpointInvalidError):
    """The weights are not those that the configuration describes. `misshapen` maps names to (found, wanted)."""

    def __init__(
        self,
        missing: Sequence[str],
        unexpected: Sequence[str],
        misshapen: Mapping[str, tuple[tuple[int, ...], tuple[int, ...]]],
    ) -> None:
        shapes = [f"{name} is {list(found)}, not {list(wanted)}" for name, (found, wanted) in misshapen.items()]
        parts = {"missing": missing, "unexpected": unexpected, "of another shape": shapes}
        told = "; ".join(f"{len(names)} {kind}: {_some(names)}" for kind, names in parts.items() if names)
        super().__init__(f"the weights are not those of config.json: {told}; is it from the same checkpoint?")
        self.missing = tuple(missing)
        self.unexpected = tuple(unexpected)
        self.misshapen = dict(misshapen)


class WeightNotFiniteError(CheckpointInvalidError):
    """A weight holds NaN or an infinity, so nothing it takes part in means anything."""

    def __init__(self, name: str, count: int) -> None:
        super().__init__(f"{name}: {count} of its values are no finite numbers; the checkpoint is damaged")
        self.name = name
        self.count = count


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:SHOWN]) + (", …" if len(names) > SHOWN else "")
