"""Settings of webhooks, as environment variables have them."""

import pytest

from bootstrap.settings import MissingSettings, WebhookSettings, read

KEY, OTHER = "a key of at least thirty-two characters", "another key of thirty-two characters"


def test_without_any_webhooks_are_strict() -> None:
    settings = read(WebhookSettings, {})
    assert (settings.keys, settings.ports, settings.loopback) == ([], [], False)


def test_lists_are_separated_by_commas() -> None:
    settings = read(
        WebhookSettings, {"CADENZA_WEBHOOKS_KEYS": f"{KEY}, {OTHER}", "CADENZA_WEBHOOKS_PORTS": "444, 9443,"}
    )
    assert settings.keys == [KEY, OTHER]
    assert settings.ports == [444, 9443]
    assert KEY not in repr(settings)


@pytest.mark.parametrize(
    "name, value",
    [("KEYS", "tiny-key"), ("PORTS", "https"), ("PORTS", "0"), ("PORTS", "70000"), ("LOOPBACK", "perhaps")],
)
def test_what_cannot_be_is_told_by_the_name_of_the_variable(name: str, value: str) -> None:
    with pytest.raises(MissingSettings, match=f"CADENZA_WEBHOOKS_{name}") as refusal:
        read(WebhookSettings, {f"CADENZA_WEBHOOKS_{name}": value})
    assert "tiny-key" not in str(refusal.value)
