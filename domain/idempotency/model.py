"""What is compared to tell a repeated call from another one. Pure."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from domain.kit.errors import Issue

MAX_KEY = 255
WINDOW = timedelta(hours=24)


@dataclass(frozen=True)
class KeyedCall:
    """One call under a key. `fingerprint` stands for the operation with its input."""

    owner_id: str
    key: str
    operation: str
    fingerprint: str


def keyed_call(owner_id: str, key: str | None, operation: str, given: Mapping[str, Any]) -> KeyedCall | None:
    """None for a call without a key, which is never taken for another. `given` must be JSON."""
    if key is None:
        return None
    text = json.dumps([operation, given], sort_keys=True)
    return KeyedCall(owner_id, key, operation, hashlib.sha256(text.encode()).hexdigest())


def key_issues(key: str | None) -> list[Issue]:
    if key is not None and not 1 <= len(key) <= MAX_KEY:
        return [Issue("idempotencyKey", f"An idempotency key has 1 to {MAX_KEY} characters.")]
    return []
