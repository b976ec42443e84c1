"""The queue's Lua scripts, put together from the files beside this one."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from redis.asyncio import Redis
from redis.commands.core import AsyncScript

from adapters.fair_queue.policy import FairPolicy
from domain.kit.queue import QueueName

FOLDER = Path(__file__).parent
NAMES = ("enqueue", "withdraw", "take", "release", "keep", "backlog", "places")


def load(redis: Redis, prefix: str, policy: FairPolicy) -> Mapping[str, AsyncScript]:
    """One script per operation, by name. They reach Redis on first use, and again after Redis was emptied."""
    head = f"{_settings(prefix, policy)}\n{(FOLDER / 'order.lua').read_text()}\n"
    return {name: redis.register_script(head + (FOLDER / f"{name}.lua").read_text()) for name in NAMES}


def _settings(prefix: str, policy: FairPolicy) -> str:
    values: dict[str, Any] = {
        "P": f'"{prefix}"',
        "QUEUES": "{" + ", ".join(f'"{queue}"' for queue in QueueName) + "}",
        "SHARE": _table(policy.shares),
        "PATIENCE": _table({queue: seconds * 1000 for queue, seconds in policy.patience_seconds.items()}),
        "OVERDUE_EVERY": policy.overdue_every,
        "HOLD": policy.hold_seconds * 1000,
    }
    return "\n".join(f"local {name} = {value}" for name, value in values.items())


def _table(values: Mapping[QueueName, float]) -> str:
    return "{" + ", ".join(f"{queue} = {value!r}" for queue, value in values.items()) + "}"
