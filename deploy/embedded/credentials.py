"""The secrets of one root: made at its first start, kept in root/secrets.json with mode 0600."""

import json
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

from deploy.embedded.errors import StackError
from deploy.embedded.state import write_private


@dataclass(frozen=True)
class StackSecrets:
    """`s3_secret_key` signs requests; the hash suffix salts the places of Swift's objects and may never change.

    Whoever has `triton_key` may load models into Triton, which is to run programs.
    """

    s3_secret_key: str
    swift_hash_suffix: str
    triton_key: str


def load_secrets(root: Path) -> StackSecrets:
    """The secrets of `root`, made at the first call; StackError for a file that someone broke."""
    path = root / "secrets.json"
    if not path.exists():
        write_private(path, json.dumps({"s3_secret_key": secrets.token_urlsafe(30), **_salt(), **_triton_key()}))
    try:
        found = json.loads(path.read_text())
        if "triton_key" not in found:
            # Roots of before Triton was told which models to load.
            found |= _triton_key()
            write_private(path, json.dumps(asdict(StackSecrets(**found))))
        return StackSecrets(**found)
    except (ValueError, TypeError):
        raise StackError(
            f"{path} is not readable: restore it, or delete the whole folder {root} to start empty."
        ) from None


def _salt() -> dict[str, str]:
    return {"swift_hash_suffix": secrets.token_hex(16)}


def _triton_key() -> dict[str, str]:
    # Without an equals sign or a comma, which would end it on Triton's command line.
    return {"triton_key": secrets.token_hex(24)}
