"""The secrets of one root: made at its first start, kept in root/secrets.json with mode 0600."""

import json
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

from deploy.embedded.errors import StackError
from deploy.embedded.state import write_private


@dataclass(frozen=True)
class StackSecrets:
    """`s3_secret_key` signs requests; the hash suffix salts the places of Swift's objects and may never change."""

    s3_secret_key: str
    swift_hash_suffix: str


def load_secrets(root: Path) -> StackSecrets:
    """The secrets of `root`, made at the first call; StackError for a file that someone broke."""
    path = root / "secrets.json"
    if not path.exists():
        made = StackSecrets(s3_secret_key=secrets.token_urlsafe(30), swift_hash_suffix=secrets.token_hex(16))
        write_private(path, json.dumps(asdict(made)))
    try:
        return StackSecrets(**json.loads(path.read_text()))
    except (ValueError, TypeError):
        raise StackError(
            f"{path} is not readable: restore it, or delete the whole folder {root} to start empty."
        ) from None
