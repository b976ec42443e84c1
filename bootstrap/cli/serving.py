"""What the stack that runs makes of added models, as the commands tell it."""

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.markup import escape

from deploy.embedded import AddedModel, ServedStates, added_models, served_states

SOUND: Final = ("sound", "served")
LOOK_SECONDS: Final = 0.2
# A stack looks at the folder every two seconds, and asks its models meanwhile.
NOTICE_SECONDS: Final = 20.0
# Gigabytes may have to come from a disk; whoever waited this long does not want to wait on.
LOAD_SECONDS: Final = 120.0


def versions(models: Path) -> dict[str, str]:
    """Those of the models in the folder, to tell later which one came."""
    return {model.served_name: model.version for model in added_models(models)}


def newcomer(models: Path, before: dict[str, str]) -> AddedModel | None:
    """The one that came, or came anew, since `before`."""
    return next((model for model in added_models(models) if before.get(model.served_name) != model.version), None)


def state_of(model: AddedModel, states: ServedStates | None) -> str:
    """One word when all is well or nothing can be said, else what is the matter."""
    if model.problem:
        return model.problem
    if states is None:
        return "sound"
    row = states.of(model)
    if row is None:
        return "not noticed yet"
    if row.is_refused:
        return f"Triton could not load it ({_line(row.reason)})"
    return {"READY": "served", "LOADING": "still loading"}.get(row.state, "not served")


async def await_served(root: Path, model: AddedModel, console: Console) -> bool:
    """Waits until the stack that runs serves the model, and tells how it went; False when it does not."""
    if model.problem:
        return _say(console, model.left_out(model.problem), good=False)
    began = time.monotonic()
    with console.status(f"{escape(model.id)} is being loaded …"):
        while (waited := time.monotonic() - began) < LOAD_SECONDS:
            states = await served_states(root)
            row = None if states is None else states.of(model)
            if row is not None and row.state == "READY":
                return _say(console, f'It is served: cadenza generate "calm piano" --model {model.id}', good=True)
            if row is not None and row.is_refused:
                reason = f"Triton could not load it ({_line(row.reason)})"
                return _say(console, model.left_out(reason), good=False)
            if row is None and waited > NOTICE_SECONDS:
                sentence = "The stack that runs does not notice it: end `cadenza up` with Ctrl-C, and start it again."
                return _say(console, sentence, good=False)
            await asyncio.sleep(LOOK_SECONDS)
    return _say(console, "It is still loading; `cadenza models` tells when it is served.", good=True)


async def await_gone(root: Path, served: str) -> str:
    """Waits until the stack that runs takes no more songs for it; words that follow `is gone`."""
    began = time.monotonic()
    while time.monotonic() - began < NOTICE_SECONDS:
        states = await served_states(root)
        if states is None or not states.is_served(served):
            still = states is not None and states.is_ending(served)
            return "; songs that it is making go on to their end" if still else ""
        await asyncio.sleep(LOOK_SECONDS)
    return "; the stack that runs may serve it until it is stopped"


def _say(console: Console, sentence: str, *, good: bool) -> bool:
    said = escape(sentence)
    console.print(said if good else f"[red]{said}[/red]", highlight=False, soft_wrap=True)
    return good


def _line(text: str) -> str:
    return " ".join(text.split())


def troubles(models: Sequence[AddedModel], states: ServedStates | None) -> list[tuple[AddedModel, str]]:
    """Those that are not served, and why."""
    found = [(model, state_of(model, states)) for model in models]
    return [(model, state) for model, state in found if state not in SOUND]
