"""Signing up and in over real HTTP: what is kept of a password by the program that people use."""

import pytest

from bootstrap.cli.client import CadenzaClient
from bootstrap.cli.home import Person
from domain.kit.ids import new_id
from tests.conftest import RunningStack
from tests.faults.evidence import open_database

pytestmark = pytest.mark.e2e

VIEWER = "{ viewer { id } }"


async def test_a_password_is_kept_as_an_argon2id_hash_and_opens_the_same_account(
    api_url: str, running_stack: RunningStack
) -> None:
    ada = Person(f"{new_id().lower()}@cadenza.example", "a good password", "Ada")
    first, second = CadenzaClient(api_url), CadenzaClient(api_url)
    await first.sign_in_or_up(ada)
    async with open_database(running_stack.endpoints) as database:
        account = await database["accounts"].find_one({"email": ada.email})
    assert account is not None
    # OWASP's parameters: 19 MiB of memory, 2 iterations, 1 lane
    assert account["password_hash"].startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    await second.sign_in_or_up(ada)
    assert await second.execute(VIEWER) == await first.execute(VIEWER)
