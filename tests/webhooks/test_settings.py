"""Settings of webhooks, as environment variables have them."""

import pytest

from bootstrap.settings import MissingSettings, WebhookSettings, read


def test_without_any_webhooks_are_strict() -> None:
    settings = read(WebhookSettings, {})
    assert (settings.ports, settings.loopback) == ([], False)


def test_lists_are_separated_by_commas() -> None:
    assert read(WebhookSettings, {"CADENZA_WEBHOOKS_PORTS": "444, 9443,"}).ports == [444, 9443]


@pytest.mark.parametrize(
    "name, value",
    [("PORTS", "https"), ("PORTS", "0"), ("PORTS", "70000"), ("LOOPBACK", "perhaps")],
)
def test_what_cannot_be_is_told_by_the_name_of_the_variable(name: str, value: str) -> None:
    with pytest.raises(MissingSettings, match=f"CADENZA_WEBHOOKS_{name}"):
        read(WebhookSettings, {f"CADENZA_WEBHOOKS_{name}": value})
