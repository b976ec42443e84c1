"""What a person sees while a model is added: sentences, a bar for the download, and the stages of the export."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Final, Self

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn
from rich.status import Status

from model_export.stages import Stage

DOING: Final = {
    "load": "reading the checkpoint",
    "write": "writing the decoder's graphs",
    "parity": "comparing them with transformers",
    "quantise": "making them smaller and measuring what is lost",
    "text": "exporting the text encoder",
    "codec": "exporting the codec",
    "tensorrt": "compiling for TensorRT",
    "tensorrt codec": "compiling the codec for TensorRT",
}


class Arrival:
    """What huggingface_hub moves instead of a bar of its own; it is made of it by a call with tqdm's arguments."""

    def __init__(self, progress: Progress, task: Any) -> None:
        self._progress = progress
        self._task = task

    def __call__(self, **_: object) -> Self:
        return self

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """The bar is everybody's."""

    def update(self, count: float = 1) -> None:
        """So many bytes more; fewer, when a file begins anew."""
        self._progress.advance(self._task, count)


class Teller:
    """Writes to one console; on a terminal what is going on moves."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._status: Status | None = None

    def say(self, sentence: str) -> None:
        self._console.print(escape(sentence), highlight=False, soft_wrap=True)

    @contextmanager
    def arriving(self, total: int, here: int) -> Iterator[Arrival]:
        """A bar over all files of a download, `here` bytes of which are there already."""
        columns = (TextColumn("downloading"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
        with Progress(*columns, TimeRemainingColumn(), console=self._console) as progress:
            yield Arrival(progress, progress.add_task("", total=total, completed=here))

    @contextmanager
    def exporting(self) -> Iterator[None]:
        """While this is open, `stage` is told of stages that are over."""
        with self._console.status(f"{DOING['load']} …") as self._status:
            yield
        self._status = None

    def stage(self, stage: Stage) -> None:
        """One is over, and the next one has begun."""
        names = list(DOING)
        how = f"{stage.seconds:.1f} s" if stage.status == "PASSED" else f"skipped: {stage.detail['reason']}"
        self.say(f"{DOING.get(stage.name, stage.name)}: {how}")
        following = names[names.index(stage.name) + 1 :] if stage.name in names else []
        if self._status is not None and following:
            self._status.update(f"{DOING[following[0]]} …")
