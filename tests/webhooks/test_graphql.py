"""Webhooks as clients of the API see them."""

from typing import Any

import pytest
from strawberry.relay.utils import to_base64

from domain.kit.caller import ANONYMOUS
from domain.kit.ids import new_id
from domain.webhooks.services.dispatch import WebhookDispatch
from tests.graphql.harness import Api, Person
from tests.webhooks.office import URL, Office

ENDPOINT = "id url description events status createdAt disabledAt failingSince oldSecretExpiresAt"
PROBLEMS = """
... on Problem { code message }
... on ValidationFailed { issues { path } }
"""
CREATE = f"""
mutation($input: CreateWebhookEndpointInput!) {{
  createWebhookEndpoint(input: $input) {{
    __typename {PROBLEMS}
    ... on CreateWebhookEndpointSuccess {{ secret endpoint {{ {ENDPOINT} }} }}
    ... on TooManyWebhookEndpoints {{ limit }}
  }}
}}
"""
UPDATE = f"""
mutation($input: UpdateWebhookEndpointInput!) {{
  updateWebhookEndpoint(input: $input) {{
    __typename {PROBLEMS} ... on UpdateWebhookEndpointSuccess {{ endpoint {{ {ENDPOINT} }} }}
  }}
}}
"""
DELETE = f"""
mutation($input: DeleteWebhookEndpointInput!) {{
  deleteWebhookEndpoint(input: $input) {{ __typename {PROBLEMS} ... on DeleteWebhookEndpointSuccess {{ deletedId }} }}
}}
"""
ROTATE = f"""
mutation($input: RotateWebhookSecretInput!) {{
  rotateWebhookSecret(input: $input) {{
    __typename {PROBLEMS} ... on RotateWebhookSecretSuccess {{ secret endpoint {{ oldSecretExpiresAt }} }}
  }}
}}
"""
TEST = f"""
mutation($input: SendTestWebhookInput!) {{
  sendTestWebhook(input: $input) {{
    __typename {PROBLEMS} ... on SendTestWebhookSuccess {{ delivery {{ id status eventType }} }}
  }}
}}
"""
REPLAY = f"""
mutation($input: ReplayWebhookDeliveriesInput!) {{
  replayWebhookDeliveries(input: $input) {{
    __typename {PROBLEMS} ... on ReplayWebhookDeliveriesSuccess {{ replayedCount }}
  }}
}}
"""
REDELIVER = f"""
mutation($input: RedeliverWebhookInput!) {{
  redeliverWebhook(input: $input) {{
    __typename {PROBLEMS} ... on RedeliverWebhookSuccess {{ delivery {{ id status attempts }} }}
  }}
}}
"""
DELIVERY = """
id messageId eventType status attempts nextAttemptAt createdAt deliveredAt
lastAttempt { at durationSeconds responseStatus responseExcerpt problem }
"""
ENDPOINTS = f"""
query($status: WebhookDeliveryStatus) {{
  webhookEndpoints {{ edges {{ node {{
    id status deliveries(status: $status, first: 10) {{ edges {{ node {{ {DELIVERY} }} }} }}
  }} }} }}
}}
"""
NODE = f"query($id: ID!) {{ node(id: $id) {{ __typename ... on WebhookDelivery {{ {DELIVERY} }} }} }}"
LONG_AGO = "2020-01-01T00:00:00Z"


async def create(person: Person, **fields: Any) -> dict[str, Any]:
    wanted = {"url": URL, "events": ["JOB_SUCCEEDED", "JOB_FAILED"], **fields}
    made: dict[str, Any] = (await person.client.data(CREATE, input=wanted))["createWebhookEndpoint"]
    return made


async def do(person: Person, document: str, **fields: Any) -> dict[str, Any]:
    """The answer of a mutation."""
    (answer,) = (await person.client.data(document, input=fields)).values()
    assert isinstance(answer, dict)
    return answer


async def listed(person: Person, status: str | None = None) -> list[dict[str, Any]]:
    """The person's endpoints with their deliveries as plain lists."""
    found = await person.client.data(ENDPOINTS, status=status)
    nodes = [edge["node"] for edge in found["webhookEndpoints"]["edges"]]
    return [{**node, "deliveries": [edge["node"] for edge in node["deliveries"]["edges"]]} for node in nodes]


async def deliver(api: Api) -> None:
    while await api.world.get(WebhookDispatch).fill():
        await api.world.get(WebhookDispatch).drain()


async def test_an_endpoint_is_registered_and_its_secret_shown_once(api: Api) -> None:
    ada = await api.person()
    made = await create(ada, description="my server")
    assert made["secret"].startswith("whsec_")
    endpoint = made["endpoint"]
    assert {name: endpoint[name] for name in ("url", "description", "events", "status", "oldSecretExpiresAt")} == {
        "url": URL,
        "description": "my server",
        "events": ["JOB_SUCCEEDED", "JOB_FAILED"],
        "status": "ENABLED",
        "oldSecretExpiresAt": None,
    }
    shown = await listed(ada)
    assert [node["id"] for node in shown] == [endpoint["id"]]
    assert made["secret"] not in str(shown)


async def test_under_a_key_it_is_registered_once(api: Api) -> None:
    ada = await api.person()
    first = await create(ada, idempotencyKey="k")
    assert await create(ada, idempotencyKey="k") == first
    assert (await create(ada, idempotencyKey="k", url=f"{URL}/2"))["code"] == "IDEMPOTENCY_CONFLICT"
    assert len(await listed(ada)) == 1
    await do(ada, DELETE, endpointId=first["endpoint"]["id"])
    assert (await create(ada, idempotencyKey="k"))["code"] == "NOT_FOUND"


@pytest.mark.parametrize(
    "fields, path",
    [
        ({"url": "http://hooks.example/"}, "url"),
        ({"url": "https://169.254.169.254/"}, "url"),
        ({"events": []}, "events"),
        ({"description": "x" * 201}, "description"),
        ({"idempotencyKey": ""}, "idempotencyKey"),
    ],
)
async def test_bad_input_registers_nothing(api: Api, fields: dict[str, Any], path: str) -> None:
    ada = await api.person()
    refused = await create(ada, **fields)
    assert (refused["code"], refused["issues"]) == ("VALIDATION_FAILED", [{"path": path}])
    assert await api.world.documents("webhook_endpoints") == []


async def test_there_are_ten_endpoints_at_most(api: Api) -> None:
    ada, bob = await api.person(), await api.person("Bob")
    made = [(await create(ada))["endpoint"]["id"] for _ in range(10)]
    refused = await create(ada)
    assert (refused["code"], refused["limit"]) == ("TOO_MANY_WEBHOOK_ENDPOINTS", 10)
    assert len(await api.world.documents("webhook_endpoints")) == 10
    # a place becomes free when one is removed, and somebody else has places of their own
    assert (await do(ada, DELETE, endpointId=made[4]))["deletedId"] == made[4]
    assert (await create(ada))["__typename"] == "CreateWebhookEndpointSuccess"
    assert (await create(bob))["__typename"] == "CreateWebhookEndpointSuccess"


async def test_an_endpoint_is_changed_in_what_is_said_and_nothing_else(api: Api) -> None:
    ada = await api.person()
    endpoint = (await create(ada, description="old"))["endpoint"]
    changed = (await do(ada, UPDATE, endpointId=endpoint["id"], events=["JOB_EXPIRED"]))["endpoint"]
    assert changed == {**endpoint, "events": ["JOB_EXPIRED"]}
    moved = (await do(ada, UPDATE, endpointId=endpoint["id"], url=f"{URL}/new", description=""))["endpoint"]
    assert moved == {**changed, "url": f"{URL}/new", "description": ""}
    refused = await do(ada, UPDATE, endpointId=endpoint["id"], url="https://10.0.0.1/", events=[])
    assert refused["issues"] == [{"path": "url"}, {"path": "events"}]
    disabled = (await do(ada, UPDATE, endpointId=endpoint["id"], isEnabled=False))["endpoint"]
    assert (disabled["status"], disabled["disabledAt"] is None) == ("DISABLED_BY_OWNER", False)
    assert (await do(ada, UPDATE, endpointId=endpoint["id"], isEnabled=True))["endpoint"] == moved


async def test_a_new_secret_leaves_a_day_to_change_over(api: Api) -> None:
    ada = await api.person()
    made = await create(ada)
    rotated = await do(ada, ROTATE, endpointId=made["endpoint"]["id"])
    assert rotated["secret"].startswith("whsec_")
    assert rotated["secret"] != made["secret"]
    assert rotated["endpoint"]["oldSecretExpiresAt"] is not None
    for _ in range(5):
        await do(ada, ROTATE, endpointId=made["endpoint"]["id"])
    (stored,) = await api.world.documents("webhook_endpoints")
    assert [secret["expires_at"] is None for secret in stored["secrets"]] == [True, False, False]


async def test_a_test_is_sent_once_and_can_be_looked_at(api: Api) -> None:
    ada = await api.person()
    endpoint = (await create(ada))["endpoint"]
    api.world.sender.names["hooks.example"] = ["1.1.1.1"]
    api.world.sender.receivers[URL] = lambda message: (418, b"short and stout")
    sent = (await do(ada, TEST, endpointId=endpoint["id"]))["delivery"]
    assert (sent["status"], sent["eventType"]) == ("PENDING", "webhook.test")
    assert (await do(ada, TEST, endpointId=endpoint["id"]))["delivery"] == sent
    await deliver(api)
    shown = (await ada.client.data(NODE, id=sent["id"]))["node"]
    assert (shown["status"], shown["attempts"], shown["nextAttemptAt"]) == ("FAILED", 1, None)
    assert shown["lastAttempt"]["responseStatus"] == 418
    assert shown["lastAttempt"]["responseExcerpt"] == "short and stout"
    assert shown["lastAttempt"]["problem"] == "NOT_ACCEPTED"
    assert 0 <= shown["lastAttempt"]["durationSeconds"] < 10
    assert len(api.world.sender.sent) == 1


async def test_deliveries_are_listed_by_status_sent_again_and_replayed(api: Api) -> None:
    # given two deliveries that failed for good because the endpoint was off, and one that arrived
    ada = await api.person()
    endpoint = (await create(ada))["endpoint"]
    office = Office(api.world, ada.caller)
    api.world.sender.names["hooks.example"] = ["1.1.1.1"]
    api.world.sender.receivers[URL] = lambda message: (204, b"")
    await office.end_job()
    await deliver(api)
    await do(ada, UPDATE, endpointId=endpoint["id"], isEnabled=False)
    await office.end_job()
    await office.end_job()
    ((failed,), (delivered,)) = [await listed(ada, status) for status in ("FAILED", "DELIVERED")]
    assert [len(failed["deliveries"]), len(delivered["deliveries"])] == [2, 1]
    # then nothing of it is sent while it is off
    refused = await do(ada, REPLAY, endpointId=endpoint["id"], since=LONG_AGO)
    assert refused["code"] == "WEBHOOK_ENDPOINT_DISABLED"
    refused = await do(ada, REDELIVER, deliveryId=delivered["deliveries"][0]["id"])
    assert refused["code"] == "WEBHOOK_ENDPOINT_DISABLED"
    assert len(api.world.sender.sent) == 1
    # and when it is on again, one can be sent, and then the rest of what was missed
    await do(ada, UPDATE, endpointId=endpoint["id"], isEnabled=True)
    again = await do(ada, REDELIVER, deliveryId=failed["deliveries"][0]["id"])
    assert (again["delivery"]["status"], again["delivery"]["attempts"]) == ("PENDING", 0)
    assert (await do(ada, REPLAY, endpointId=endpoint["id"], since="2100-01-01T00:00:00Z"))["replayedCount"] == 0
    assert (await do(ada, REPLAY, endpointId=endpoint["id"], since=LONG_AGO))["replayedCount"] == 1
    await deliver(api)
    (shown,) = await listed(ada)
    assert [item["status"] for item in shown["deliveries"]] == ["DELIVERED"] * 3
    # and one that arrived can be sent once more under its id
    await do(ada, REDELIVER, deliveryId=delivered["deliveries"][0]["id"])
    await deliver(api)
    ids = [message.headers["webhook-id"] for message in api.world.sender.sent]
    assert (len(ids), ids.count(delivered["deliveries"][0]["messageId"])) == (4, 2)


async def test_nobody_else_sees_changes_or_sends_anything(api: Api) -> None:
    # given an endpoint of one person with a delivery
    ada, bob = await api.person(), await api.person("Bob")
    endpoint = (await create(ada))["endpoint"]
    await Office(api.world, ada.caller).end_job()
    (shown,) = await listed(ada)
    delivery_id = shown["deliveries"][0]["id"]
    before = await api.contents()
    # when another person tries everything that takes their ids
    attempts = [
        (UPDATE, {"endpointId": endpoint["id"], "url": "https://evil.example/"}),
        (UPDATE, {"endpointId": endpoint["id"], "isEnabled": False}),
        (DELETE, {"endpointId": endpoint["id"]}),
        (ROTATE, {"endpointId": endpoint["id"]}),
        (TEST, {"endpointId": endpoint["id"]}),
        (REPLAY, {"endpointId": endpoint["id"], "since": LONG_AGO}),
        (REDELIVER, {"deliveryId": delivery_id}),
    ]
    for document, fields in attempts:
        assert (await do(bob, document, **fields))["code"] == "NOT_FOUND"
    # then the answer is that of what does not exist, and nothing has changed
    for global_id in (endpoint["id"], delivery_id):
        assert await bob.client.data(NODE, id=global_id) == {"node": None}
    assert await listed(bob) == []
    assert await api.contents() == before
    unknown = to_base64("WebhookEndpoint", new_id())
    assert (await do(ada, DELETE, endpointId=unknown))["code"] == "NOT_FOUND"


async def test_without_a_token_nothing_is_done_or_shown(api: Api) -> None:
    unknown = to_base64("WebhookEndpoint", new_id())
    nobody = Person(ANONYMOUS, api.anonymous, "")
    assert (await create(nobody))["code"] == "UNAUTHENTICATED"
    for document in (DELETE, ROTATE, TEST, UPDATE):
        assert (await do(nobody, document, endpointId=unknown))["code"] == "UNAUTHENTICATED"
    assert (await api.anonymous.error(ENDPOINTS))["code"] == "UNAUTHENTICATED"
    assert await api.world.documents("webhook_endpoints") == []
