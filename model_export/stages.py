"""Stages of an export and how each went, as manifests record them."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib import metadata
from typing import Any, Final


class ParityLostError(RuntimeError):
    """An export differs from its reference by more than its tolerance, or a compiler refuses it."""


class Status(StrEnum):
    """A stage that failed ends the export, so a manifest never holds one."""

    PASSED = "PASSED"
    SKIPPED = "SKIPPED"


@dataclass(frozen=True)
class Stage:
    """`detail` holds what was measured, or the reason why the stage was skipped."""

    name: str
    status: Status
    seconds: float
    detail: Mapping[str, Any]


# What an export is made with; the versions belong into its manifest.
TOOLS: Final = ("torch", "transformers", "onnx", "onnxruntime", "numpy")
Outcome = tuple[Status, dict[str, Any]]


def timed(name: str, work: Callable[[], Outcome]) -> Stage:
    """Do a stage; what it raises ends the export."""
    began = time.monotonic()
    status, detail = work()
    return Stage(name, status, round(time.monotonic() - began, 2), detail)


def versions() -> dict[str, str]:
    """Of the TOOLS, as they are installed."""
    return {tool: metadata.version(tool) for tool in TOOLS}


def line(stage: Stage) -> str:
    """For a terminal: how it went, how long it took, what was found."""
    return f"{stage.name:9} {stage.status:8} {stage.seconds:7.2f} s  {stage.detail}"
