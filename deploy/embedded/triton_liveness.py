"""Tells a broken Triton from a busy one.

A dead stub never comes back while its model still reports ready, so stubs are watched as processes. A model that
uses the processor is taken for alive, however long it renders: only one that neither answers nor works is stuck.
"""

import asyncio
import os
import re
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from signal import SIGKILL
from typing import Protocol

import grpc.aio

from deploy.embedded.errors import UnhealthyError
from deploy.embedded.procfs import ProcessFacts, command_line, session_members
from deploy.embedded.triton_client import ModelProbe

STUB_COMMAND = "triton_python_backend_stub"


@dataclass(frozen=True)
class LivenessLimits:
    """Seconds between probes, per probe, and without answer and work until a model counts as stuck.

    The shares are of one processor: above `busy_share` a model is left alone, below `idle_share` it does nothing.
    """

    probe_every: float = 10.0
    probe_deadline: float = 5.0
    stuck_after: float = 60.0
    busy_share: float = 0.2
    idle_share: float = 0.01


DEFAULT_LIMITS = LivenessLimits()


@dataclass(frozen=True)
class _Mark:
    """How much processor time, in clock ticks, a model had used at a moment."""

    at: float
    ticks: int


class ProbedServer(Protocol):
    """What is asked of the server; TritonClient does it by gRPC."""

    async def is_live(self) -> bool: ...

    async def probe(self, probe: ModelProbe) -> str: ...


class AddedStubs(Protocol):
    """What is known of the models that come and go while the server runs; AddedServing tells it."""

    @property
    def is_settled(self) -> bool: ...

    def is_own(self, model: str) -> bool: ...

    def is_ready(self, model: str) -> bool: ...


class NothingAdded:
    """Only models that stay."""

    is_settled = True

    def is_own(self, model: str) -> bool:
        return True

    def is_ready(self, model: str) -> bool:
        return False


class TritonLiveness:
    """The `alive` of the Triton process; raises UnhealthyError when only a restart helps."""

    def __init__(
        self,
        server: ProbedServer,
        probes: Sequence[ModelProbe],
        limits: LivenessLimits = DEFAULT_LIMITS,
        clock: Callable[[], float] = time.monotonic,
        stubs: AddedStubs | None = None,
    ) -> None:
        self._asked = server
        self._added = stubs or NothingAdded()
        self._probes = probes
        self._limits = limits
        self._clock = clock
        self._pid = 0
        self._stubs: dict[int, str] = {}
        self._dead: set[int] = set()
        self._next_probe = 0.0
        self._silences: dict[str, _Mark] = {}
        self._last_marks: dict[str, _Mark] = {}

    async def __call__(self, pid: int) -> None:
        """Watch the stubs at every call and ask the models when it is time for it."""
        stubs = {member.pid: member for member in session_members(pid) if member.parent == pid}
        if pid != self._pid:
            self._meet(pid)
        self._stubs |= _names(member for member in stubs.values() if member.pid not in self._stubs)
        if lost := self._lost(stubs):
            raise UnhealthyError(f"lost the stub process of {', '.join(sorted(lost))}")
        if self._clock() >= self._next_probe:
            if not await self._asked.is_live():
                raise ConnectionError("the server is not live")
            await asyncio.gather(*(self._ask(probe, list(stubs.values())) for probe in self._probes))
            self._next_probe = self._clock() + self._limits.probe_every

    def _meet(self, pid: int) -> None:
        self._pid = pid
        self._stubs.clear()
        self._dead.clear()
        self._silences.clear()
        self._last_marks.clear()
        self._next_probe = self._clock() + self._limits.probe_every

    def _lost(self, children: Mapping[int, ProcessFacts]) -> list[str]:
        """Model instances without stub. Triton reaps the stubs that it ends, and never one that died by itself."""
        names = dict(self._stubs)
        unseen = {
            child.pid: "a model"
            for child in children.values()
            if child.is_dead and child.pid not in names and child.name == STUB_COMMAND[:15]
        }
        away = {pid for pid in names if pid not in children}
        dead = {pid for pid in names if pid in children and children[pid].is_dead} | unseen.keys()
        own = {pid for pid, name in names.items() if self._added.is_own(_model_of(name))}
        # Of models that come and go, whoever ends may not have been reaped yet: it has to be dead for two looks.
        long_dead, self._dead = dead & self._dead, dead
        for pid in away - own:
            del self._stubs[pid]
        return [
            {**names, **unseen}[pid] for pid in own & (away | dead) | {pid for pid in long_dead if self._counts(pid)}
        ]

    def _counts(self, pid: int) -> bool:
        """Whether a stub that is dead for a while should live."""
        if pid in self._stubs:
            return self._added.is_ready(_model_of(self._stubs[pid]))
        return self._added.is_settled

    async def _ask(self, probe: ModelProbe, stubs: Sequence[ProcessFacts]) -> None:
        now, ticks = self._clock(), self._ticks(probe.model, stubs)
        if self._is_busy(probe.model, now, ticks):
            self._silences.pop(probe.model, None)
            return
        try:
            async with asyncio.timeout(self._limits.probe_deadline):
                message = await self._asked.probe(probe)
        except TimeoutError:
            self._note_silence(probe.model, now, ticks)
        except grpc.aio.AioRpcError as error:
            raise ConnectionError(f"{probe.model}: {error.details()}") from None
        else:
            self._silences.pop(probe.model, None)
            if "is not healthy" in message or "unhealthy" in message.lower():
                raise UnhealthyError(message)

    def _is_busy(self, model: str, now: float, ticks: int) -> bool:
        before = self._last_marks.get(model)
        self._last_marks[model] = _Mark(now, ticks)
        return before is not None and _share(before, now, ticks) > self._limits.busy_share

    def _note_silence(self, model: str, now: float, ticks: int) -> None:
        start = self._silences.setdefault(model, _Mark(now, ticks))
        if now - start.at < self._limits.stuck_after:
            return
        if _share(start, now, ticks) < self._limits.idle_share:
            raise UnhealthyError(f"the model {model} has neither answered nor worked for {now - start.at:.0f} s")
        self._silences[model] = _Mark(now, ticks)

    def _ticks(self, model: str, stubs: Sequence[ProcessFacts]) -> int:
        return sum(stub.cpu_ticks for stub in stubs if _model_of(self._stubs.get(stub.pid, "")) == model)


def end_stubs(pid: int, model: str) -> None:
    """End the processes of one model of the server `pid`, which takes that for a failure of the model."""
    named = _names(member for member in session_members(pid) if member.parent == pid)
    for stub in (stub for stub, name in named.items() if _model_of(name) == model):
        with suppress(ProcessLookupError):
            os.kill(stub, SIGKILL)


def _share(before: _Mark, now: float, ticks: int) -> float:
    return (ticks - before.ticks) / os.sysconf("SC_CLK_TCK") / max(now - before.at, 0.001)


def _names(children: Iterable[ProcessFacts]) -> dict[int, str]:
    """The instances that stubs serve; what is no stub, or is dead, has none."""
    return {child.pid: name for child in children if (name := _instance_name(child.pid))}


def _model_of(instance: str) -> str:
    """`score_tiny` of its instance `score_tiny_0_0`."""
    return re.sub(r"_\d+_\d+$", "", instance)


def _instance_name(pid: int) -> str:
    """The model instance (MODEL_0_0) that a stub serves: the last but one of its arguments."""
    arguments = command_line(pid)
    return arguments[-2] if arguments and arguments[0].endswith(STUB_COMMAND) else ""
