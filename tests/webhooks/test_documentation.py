"""What the page for partners shows works as it stands there."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from domain.webhooks.signing import new_secret, signed_headers
from tests.architecture.sources import ROOT


def test_the_example_in_python_verifies_what_is_signed_and_nothing_else() -> None:
    (source,) = re.findall(
        r"```python\n(.*?)```", (ROOT / "docs" / "webhooks.md").read_text(encoding="utf-8"), re.DOTALL
    )
    shown: dict[str, Any] = {}
    exec(source, shown)
    is_authentic, now = shown["is_authentic"], datetime.now(UTC)
    old, new, other = new_secret(), new_secret(), new_secret()
    headers = signed_headers("msg_1", b"{}", [new, old], now)
    assert [is_authentic(headers, b"{}", secret) for secret in (old, new, other)] == [True, True, False]
    assert not is_authentic(headers, b"{ }", new)
    assert not is_authentic(signed_headers("msg_1", b"{}", [new], now - timedelta(minutes=6)), b"{}", new)
