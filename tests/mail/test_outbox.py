"""The outbox: mail is sent once when all goes well, later when it does not, and by the sweeper after a crash."""

import asyncio
from datetime import timedelta

import pytest

from adapters.meters.mail import PrometheusMailMeter
from domain.kit.errors import DependencyUnavailable
from domain.kit.mail import Mail, MailRefused
from domain.kit.transactions import Session
from domain.mail.model import PATIENCE, PostedMail
from domain.mail.service import MailOutbox
from domain.mail.store import MailStore
from tests.world import World

MAIL = Mail("ada@cadenza.example", "Hello", "A secret: s3cret\n")


@pytest.fixture
def outbox(world: World) -> MailOutbox:
    return world.get(MailOutbox)


async def posted(world: World, mail: Mail = MAIL) -> str:
    async def work(session: Session) -> str | None:
        return await world.get(MailOutbox).post("ada", mail, session)

    mail_id = await world.kit.transactions.run(work)
    assert mail_id is not None
    return mail_id


async def test_mail_is_sent_after_its_transaction_and_is_gone(world: World, outbox: MailOutbox) -> None:
    mail_id = await posted(world)
    (document,) = await world.documents("mail_outbox")
    assert "s3cret" not in str(document)
    assert MAIL.to not in str(document)
    assert world.mailer.sent == {}
    outbox.send_soon(mail_id, None)
    await outbox.settle()
    assert world.mailer.sent == {mail_id: MAIL}
    assert await world.documents("mail_outbox") == []


async def test_a_transaction_that_fails_sends_nothing(world: World, outbox: MailOutbox) -> None:
    async def work(session: Session) -> None:
        await outbox.post("ada", MAIL, session)
        raise RuntimeError("the rest did not work")

    with pytest.raises(RuntimeError):
        await world.kit.transactions.run(work)
    assert await world.documents("mail_outbox") == []
    assert await outbox.sweep() == 0


async def test_what_a_crash_left_behind_is_sent_by_the_sweeper(world: World, outbox: MailOutbox) -> None:
    mail_id = await posted(world)
    assert await outbox.sweep() == 1
    assert world.mailer.sent == {mail_id: MAIL}
    assert await outbox.sweep() == 0


async def test_many_senders_send_a_message_once(world: World, outbox: MailOutbox) -> None:
    mail_id = await posted(world)
    outbox.send_soon(*[mail_id] * 5)
    await asyncio.gather(*(outbox.sweep() for _ in range(5)))
    await outbox.settle()
    assert list(world.mailer.sent) == [mail_id]


async def test_a_sender_that_died_loses_its_lease(world: World, outbox: MailOutbox) -> None:
    mail_id = await posted(world)
    assert await MailStore().claim(mail_id, world.clock.now()) is not None
    assert await outbox.sweep() == 0
    world.clock.advance(60)
    assert await outbox.sweep() == 1
    assert list(world.mailer.sent) == [mail_id]


async def test_a_server_that_is_away_is_tried_again_with_longer_and_longer_pauses(
    world: World, outbox: MailOutbox
) -> None:
    mail_id = await posted(world)
    world.mailer.failure = DependencyUnavailable("The mail server", "away")
    for pause in (30, 60, 120):
        assert await outbox.sweep() == 1
        world.clock.advance(pause - 5)
        assert await outbox.sweep() == 0
        world.clock.advance(5)
    world.mailer.failure = None
    assert await outbox.sweep() == 1
    assert list(world.mailer.sent) == [mail_id]


@pytest.mark.parametrize(
    ("failure", "age"),
    [(MailRefused("550 no such user"), 0.0), (DependencyUnavailable("The mail server", "away"), 24 * 3600.0)],
    ids=["refused", "a day old"],
)
async def test_mail_that_cannot_be_sent_is_given_up(
    world: World, outbox: MailOutbox, failure: DependencyUnavailable | MailRefused, age: float
) -> None:
    await posted(world)
    world.mailer.failure = failure
    world.clock.advance(age)
    assert await outbox.sweep() == 1
    assert await world.documents("mail_outbox") == []


async def test_mail_to_nobody_is_written_and_never_sent(world: World, outbox: MailOutbox) -> None:
    outbox.send_soon(await posted(world, Mail("", "Hello", "text")))
    await outbox.settle()
    assert world.mailer.sent == {}
    assert await world.documents("mail_outbox") == []


async def test_a_seal_that_cannot_be_opened_is_given_up(world: World, outbox: MailOutbox) -> None:
    await posted(world)
    await world.client[world.database]["mail_outbox"].update_many({}, {"$set": {"sealed": "broken"}})
    assert await outbox.sweep() == 1
    assert (world.mailer.sent, await world.documents("mail_outbox")) == ({}, [])


async def test_without_a_mailer_nothing_is_posted(world: World) -> None:
    silent = MailOutbox(MailStore(), None, world.kit.identity.box, PrometheusMailMeter(), world.clock)

    async def work(session: Session) -> str | None:
        return await silent.post("ada", MAIL, session)

    assert await world.kit.transactions.run(work) is None
    assert await world.documents("mail_outbox") == []
    assert await silent.sweep() == 0


def test_the_pauses_grow_to_an_hour_and_end_after_a_day(world: World) -> None:
    now = world.clock.now()
    pauses = [
        (due - now).total_seconds()
        for attempt in range(1, 12)
        if (due := PostedMail("id", "", now, attempt).next_due_at(now)) is not None
    ]
    assert pauses == [30, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600, 3600]
    assert PostedMail("id", "", now - PATIENCE, 3).next_due_at(now) is None
    assert PostedMail("id", "", now - PATIENCE + timedelta(seconds=1), 3).next_due_at(now) is not None
