"""The folder `.cadenza`: where the embedded stack keeps its data, and what the command remembers between runs."""

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

OWNER_ONLY = 0o600
SESSIONS = "sessions.json"


@dataclass(frozen=True)
class Person:
    """The local demo account."""

    email: str
    password: str
    display_name: str


@dataclass(frozen=True)
class Home:
    root: Path

    @classmethod
    def default(cls) -> "Home":
        """`CADENZA_HOME`, or `.cadenza` in the current folder."""
        return cls(Path(os.environ.get("CADENZA_HOME", ".cadenza")).absolute())

    def auth_secret(self) -> str:
        """The secret that signs tokens on this machine, made on first use."""
        path = self.root / "auth-secret"
        if not path.exists():
            self._write(path, secrets.token_hex(32))
        return path.read_text().strip()

    def person(self) -> Person:
        """The demo person, made up on first use."""
        path = self.root / "demo-person.json"
        if not path.exists():
            person = Person(f"demo-{secrets.token_hex(4)}@cadenza.example", secrets.token_urlsafe(18), "Demo Person")
            self._write(path, json.dumps(asdict(person)))
        return Person(**json.loads(path.read_text()))

    def session(self, url: str) -> dict[str, str] | None:
        """The tokens that the command was given last at this API, or None."""
        return self._sessions().get(url)

    def remember_session(self, url: str, session: Mapping[str, str] | None) -> None:
        """None forgets it."""
        kept = {known: other for known, other in self._sessions().items() if known != url}
        new = {} if session is None else {url: dict(session)}
        self._write(self.root / SESSIONS, json.dumps({**kept, **new}))

    def _sessions(self) -> dict[str, dict[str, str]]:
        path = self.root / SESSIONS
        found: dict[str, dict[str, str]] = json.loads(path.read_text()) if path.exists() else {}
        return found

    def models_folder(self) -> Path:
        """Where models lie that `cadenza models add` has added: `CADENZA_MODELS_FOLDER`, or `models` here."""
        given = os.environ.get("CADENZA_MODELS_FOLDER")
        return Path(given).absolute() if given else self.root / "models"

    def mail_folder(self) -> Path:
        """Where the embedded stack puts its mail."""
        return self.root / "mail"

    def remember_api(self, url: str) -> None:
        self._write(self.root / "api-url", url)

    def api_url(self) -> str | None:
        """Where the API of `cadenza up` listens, or listened."""
        path = self.root / "api-url"
        return path.read_text().strip() if path.exists() else None

    def _write(self, path: Path, text: str) -> None:
        self.root.mkdir(parents=True, exist_ok=True)
        new = path.with_suffix(".new")
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, OWNER_ONLY)
        with os.fdopen(descriptor, "w") as file:
            file.write(text)
        new.replace(path)
