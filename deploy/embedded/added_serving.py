"""Keeps the Triton that runs in step with the folder of added models: what comes is loaded, what goes is unloaded.

Nobody waits for an added model: one that hangs or fails while it loads is told of, and all else is served.
"""

import asyncio
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

import grpc.aio

from deploy.embedded.added_models import AddedModel, read_added
from deploy.embedded.process import EventKind
from deploy.embedded.triton_repository import TritonFolders
from triton_models.added_names import model_id
from triton_models.step_graph.plans.place import FOLDER, NAME

# Longer than the tests' models take, shorter than somebody waits without a word.
SLOW_SECONDS: Final = 10.0
GONE: Final = frozenset({grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED})

Stamp = tuple[int, ...]
UNSEEN: Final[Stamp] = ()


class ModelControl(Protocol):
    """What Triton is asked to do; TritonClient does it by gRPC."""

    async def load(self, model: str) -> None: ...

    async def unload(self, model: str) -> None: ...


@dataclass
class _Place:
    """One folder as it was last seen. `model` is None when it is not for Triton."""

    stamp: Stamp
    told: str = ""
    model: AddedModel | None = None
    loading: asyncio.Task[None] | None = None
    begun: float = 0.0
    is_ready: bool = False
    is_slow: bool = False
    missed: bool = False


class AddedServing:
    """`taken` are the names of Cadenza's own models; `tell` is given sentences for people."""

    def __init__(
        self,
        folder: Path,
        folders: TritonFolders,
        control: ModelControl,
        tell: Callable[[EventKind, str], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._folder = folder
        self._folders = folders
        self._control = control
        self._tell = tell
        self._clock = clock
        self._taken: Collection[str] = ()
        self._places: dict[str, _Place] = {}
        self._leaving: dict[str, asyncio.Task[None]] = {}
        self._hanging: set[str] = set()

    def begin(self, taken: Collection[str]) -> None:
        """A server starts that has only the models `taken`, and none of those that were added."""
        self._taken = taken
        for task in self._tasks():
            task.cancel()
        self._places.clear()
        self._leaving.clear()
        self._hanging.clear()

    def look(self, end_stub: Callable[[str], None] = lambda model: None) -> None:
        """Compare the folder with what is served; never waits and never raises.

        `end_stub` ends the process of a model that still loads when it is taken away or replaced: Triton itself would
        wait for it for good. Where another version is served, whose songs would end with it, that is waited for.
        """
        found = _stamps(self._folder)
        for name, place in list(self._places.items()):
            if name not in found:
                self._miss(name, place)
        for name, stamp in found.items():
            self._meet(name, stamp)
        for name in self._hanging:
            end_stub(name)
        self._say_who_is_slow()

    @property
    def loading(self) -> list[str]:
        """Those that somebody may still wait for: none that was said to be slow."""
        return [name for name, place in self._places.items() if place.loading and not place.is_slow]

    @property
    def is_settled(self) -> bool:
        """Whether nothing is being loaded or unloaded, so that no process of a model comes or goes."""
        return not self._leaving and not any(place.loading for place in self._places.values())

    def is_own(self, model: str) -> bool:
        """Whether Cadenza came with it."""
        return model in self._taken

    def is_ready(self, model: str) -> bool:
        """Whether the added model is served and is not being replaced."""
        place = self._places.get(model)
        return place is not None and place.is_ready and place.loading is None

    async def close(self) -> None:
        """Wait for nothing any more."""
        tasks = self._tasks()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _tasks(self) -> list[asyncio.Task[None]]:
        return [*(place.loading for place in self._places.values() if place.loading), *self._leaving.values()]

    def _miss(self, name: str, place: _Place) -> None:
        """While a model is replaced its folder is away for a moment, so one that is missed twice is gone."""
        if not place.missed:
            place.missed = True
            return
        if place.loading:
            place.loading.cancel()
            self._give_up(name, place)
        del self._places[name]
        if place.model is not None:
            self._leaving[name] = asyncio.create_task(self._unload(name), name=f"unload {name}")

    def _give_up(self, name: str, place: _Place) -> None:
        if not place.is_ready:
            self._hanging.add(name)

    def _meet(self, name: str, stamp: Stamp) -> None:
        place = self._places.setdefault(name, _Place(UNSEEN))
        place.missed = False
        if place.stamp == stamp or name in self._leaving:
            return
        if place.loading:
            # Triton loads a model once at a time: what is to be loaded next waits for the end of this.
            self._give_up(name, place)
            return
        place.stamp = stamp
        model = read_added(self._folder / name)
        if self._is_left_out(place, model):
            return
        try:
            self._folders.link_added(model.folder)
        except FileNotFoundError:
            # It went away just now, which the next look will see.
            place.stamp = UNSEEN
            return
        except OSError as error:
            self._tell(EventKind.WARNING, model.left_out(f"it cannot be linked ({error.strerror or error})"))
            return
        place.model, place.begun, place.is_slow = model, self._clock(), False
        place.loading = asyncio.create_task(self._load(place, model), name=f"load {name}")

    def _is_left_out(self, place: _Place, model: AddedModel) -> bool:
        """Tells why; once only of a model whose plans are built, one after another."""
        told, place.told = place.told, self._left_out(model)
        if place.told and (model.is_built or place.told != told):
            self._tell(EventKind.WARNING, place.told)
        return bool(place.told)

    def _left_out(self, model: AddedModel) -> str:
        if model.served_name in self._taken:
            return model.left_out("Cadenza has a model of that name of its own", "ANOTHER-NAME")
        return model.left_out(model.problem) if model.problem else ""

    async def _load(self, place: _Place, model: AddedModel) -> None:
        name = model.served_name
        try:
            await self._control.load(name)
        except grpc.aio.AioRpcError as error:
            if error.code() in GONE:
                # Whoever starts the server again begins anew; a call that was lost is made again.
                place.stamp = UNSEEN
                return
            # Triton reads links, and what people build or mend is the folder itself.
            reason = _reason(error).replace(str(self._folders.repository / name), str(model.folder))
            self._tell(EventKind.WARNING, model.left_out(f"Triton could not load it ({reason})"))
        else:
            place.is_ready = True
            took = self._clock() - place.begun
            self._tell(
                EventKind.NOTE, f"The added model {model.id} is served, version {model.version}, after {took:.1f} s"
            )
        finally:
            place.loading = None
            if name in self._places:
                self._hanging.discard(name)

    async def _unload(self, name: str) -> None:
        try:
            await self._control.unload(name)
        except grpc.aio.AioRpcError as error:
            sentence = f"Triton did not let go of the model {name} ({_reason(error)}): start `cadenza up` anew."
            self._tell(EventKind.WARNING, sentence)
        else:
            self._folders.unlink_added(name)
            self._tell(EventKind.NOTE, f"The model {name} was taken away and is not served any more")
        finally:
            self._leaving.pop(name, None)
            self._hanging.discard(name)

    def _say_who_is_slow(self) -> None:
        for name, place in self._places.items():
            if place.loading and not place.is_slow and self._clock() - place.begun >= SLOW_SECONDS:
                place.is_slow = True
                self._tell(EventKind.WARNING, _slow_sentence(name))


def _slow_sentence(name: str) -> str:
    return (
        f"The added model {name} is still loading after {SLOW_SECONDS:g} s: all else is served, and it will be as soon "
        f"as it is ready. `cadenza models` tells when, and `cadenza models remove {model_id(name)}` ends it."
    )


def _stamps(folder: Path) -> dict[str, Stamp]:
    """What a model differs in that was replaced, or whose plans were built. What begins with a dot is being made."""
    found: dict[str, Stamp] = {}
    try:
        for place in sorted(folder.iterdir()):
            if place.name.startswith(".") or not place.is_dir():
                continue
            files = [place / "config.pbtxt", *sorted(place.glob(f"*/{FOLDER}/{NAME}"))]
            times = [file.stat().st_mtime_ns if file.exists() else 0 for file in files]
            found[place.name] = (place.stat().st_ino, place.stat().st_mtime_ns, *times)
    except OSError:
        return found
    return found


def _reason(error: grpc.aio.AioRpcError) -> str:
    """Triton's own words, on one line and without what it says before them."""
    said = " ".join((error.details() or str(error.code())).split())
    return said.rpartition("state: ")[2].rstrip("; ")
