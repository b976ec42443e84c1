"""Tells a broken Triton from a busy one.

A dead stub never comes back while its model still reports ready, so stubs are watched as processes. A model that
uses the processor is taken for alive, however long it renders: only one that neither answers nor works is stuck.
"""

import asyncio
import os
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
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


class TritonLiveness:
    """The `alive` of the Triton process; raises UnhealthyError when only a restart helps."""

    def __init__(
        self,
        server: ProbedServer,
        probes: Sequence[ModelProbe],
        limits: LivenessLimits = DEFAULT_LIMITS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._asked = server
        self._probes = probes
        self._limits = limits
        self._clock = clock
        self._pid = 0
        self._stubs: dict[int, str] = {}
        self._next_probe = 0.0
        self._silences: dict[str, _Mark] = {}
        self._last_marks: dict[str, _Mark] = {}

    async def __call__(self, pid: int) -> None:
        """Watch the stubs at every call and ask the models when it is time for it."""
        stubs = {member.pid: member for member in session_members(pid) if member.parent == pid}
        if pid != self._pid:
            self._meet(pid, list(stubs.values()))
        if lost := self._lost(stubs):
            raise UnhealthyError(f"lost the stub process of {', '.join(sorted(lost))}")
        if self._clock() >= self._next_probe:
            if not await self._asked.is_live():
                raise ConnectionError("the server is not live")
            await asyncio.gather(*(self._ask(probe, list(stubs.values())) for probe in self._probes))
            self._next_probe = self._clock() + self._limits.probe_every

    def _meet(self, pid: int, children: Sequence[ProcessFacts]) -> None:
        self._pid = pid
        named = {child.pid: _instance_name(child.pid) for child in children}
        self._stubs = {stub: name for stub, name in named.items() if name}
        self._silences.clear()
        self._last_marks.clear()
        self._next_probe = self._clock() + self._limits.probe_every

    def _lost(self, children: Mapping[int, ProcessFacts]) -> list[str]:
        """Model instances without stub. Triton never reaps a stub, so one that died unseen is still there."""
        unseen = [
            "a model"
            for child in children.values()
            if child.is_dead and child.pid not in self._stubs and child.name == STUB_COMMAND[:15]
        ]
        known = [name for pid, name in self._stubs.items() if pid not in children or children[pid].is_dead]
        return known + unseen

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
        instance = re.compile(rf"{re.escape(model)}(_\d+)+")
        return sum(stub.cpu_ticks for stub in stubs if instance.fullmatch(self._stubs.get(stub.pid, "")))


def _share(before: _Mark, now: float, ticks: int) -> float:
    return (ticks - before.ticks) / os.sysconf("SC_CLK_TCK") / max(now - before.at, 0.001)


def _instance_name(pid: int) -> str:
    """The model instance (MODEL_0 or MODEL_0_1) that a stub serves: the last but one of its arguments."""
    arguments = command_line(pid)
    return arguments[-2] if arguments and arguments[0].endswith(STUB_COMMAND) else ""
