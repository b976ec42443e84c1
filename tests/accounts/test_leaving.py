"""Leaving: what an export holds, the grace period, and an erasure that leaves nothing behind."""

import io
import json
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pyotp
import pytest

from bootstrap.areas import DOCUMENTS
from domain.accounts.errors import (
    AccountBeingDeleted,
    DeletionBlocked,
    LinkRefused,
    TooManyAttempts,
    WrongCode,
    WrongCredentials,
)
from domain.accounts.identities import ProvenIdentity
from domain.accounts.provider_attempts import ProviderAnswer
from domain.accounts.service import AccountService
from domain.accounts.services.api_keys import ApiKeyService
from domain.accounts.services.deletion import AccountDeletion
from domain.accounts.services.emails import EmailService
from domain.accounts.services.erasure import AccountErasure, ExportJanitor
from domain.accounts.services.export import AccountExport
from domain.accounts.services.identity_links import IdentityLinks
from domain.accounts.services.passwords import PasswordService
from domain.accounts.services.second_factor import SecondFactorService
from domain.accounts.services.sessions import SessionService
from domain.accounts.services.sign_in import RESTORE_AUDIENCE, SignInService
from domain.accounts.sessions import Session
from domain.bulk.model import BulkAction, BulkChange, NewBulkEdit
from domain.bulk.services.start import BulkEditStart
from domain.credits.services.wallets import CreditWallets
from domain.exports.services.request import ExportRequests
from domain.jobs.services.follow import JobFollowing
from domain.kit.caller import Caller, Client, Credential, Scope
from domain.kit.errors import DependencyUnavailable, Forbidden, Unauthenticated
from domain.kit.keyset import SortedPageRequest
from domain.kit.mail import Mail
from domain.kit.paging import PageRequest
from domain.kit.personal_data import Erasure, PersonalRecords
from domain.kit.transactions import Session as Transaction
from domain.kit.trust.authentication import Authentication
from domain.library.listing import ALL_TRACKS, NEWEST_FIRST
from domain.library.service import LibraryService
from domain.likes.service import LikeService
from domain.likes.services.count import LikeCounting
from domain.mail.service import MailOutbox
from domain.partners.model import MemberRole
from domain.partners.services.invitations import InvitationService
from domain.partners.services.keys import PartnerKeyService
from domain.partners.services.organisations import OrganisationService
from domain.payments.services.sell import PaymentSales
from domain.playlists.services.entries import Additions, PlaylistEntries
from domain.playlists.services.manage import PlaylistService
from domain.webhooks.model import WebhookEvent
from domain.webhooks.services.manage import WebhookEndpoints
from tests.accounts.letters import code_in
from tests.graphql.harness import PASSWORD, Api
from tests.plays.listeners import heard
from tests.uploads.bringing import brought, illustrated, opened, send
from tests.uploads.sounds import encoded, tones
from tests.world import APP, World

ADA = "ada@cadenza.example"
BOB = "bob@cadenza.example"
HOME = Client("192.0.2.7", "Laptop/1.0")
# Ids of a gateway's events.
NOW = datetime(2026, 11, 21, tzinfo=UTC)
NAMES_NOBODY = {"payment_events"}
BOOKS = {"credit_transfers", "credit_wallets", "payment_orders", "payment_subscriptions"}
GRACE = timedelta(days=14).total_seconds()

DELETE = """
mutation($input: DeleteAccountInput!) {
  deleteAccount(input: $input) {
    __typename ... on DeleteAccountSuccess { eraseAt } ... on Problem { code message }
    ... on DeletionBlocked { reasons }
  }
}
"""
SIGN_IN = """
mutation($input: SignInInput!) {
  signIn(input: $input) { __typename ... on AccountBeingDeleted { code message restoreToken eraseAt } }
}
"""
RESTORE = """
mutation($input: RestoreAccountInput!) {
  restoreAccount(input: $input) {
    __typename ... on RestoreAccountSuccess { session { accessToken viewer { email } } } ... on Problem { code }
  }
}
"""
EXPORT = """
mutation($input: ExportAccountInput!) {
  exportAccount(input: $input) {
    __typename ... on ExportAccountSuccess { url expiresAt sizeBytes } ... on Problem { code }
  }
}
"""
VIEWER = "{ viewer { email } }"


async def registered(world: World, email: str = ADA) -> Session:
    return await world.get(AccountService).sign_up(email, PASSWORD, "Ada Lovelace", HOME)


def caller_of(session: Session) -> Caller:
    return Caller(session.account.id, session.id)


async def everything(world: World) -> dict[str, list[dict[str, Any]]]:
    names = await world.client[world.database].list_collection_names()
    return {name: await world.documents(name) for name in sorted(names)}


async def with_a_life(world: World, email: str = ADA) -> Session:
    """A person with a song, a webhook, a canceled job, uploads, likes, playlists, a key, an order and mail.

    There is a second factor, and a provider is linked.
    """
    session = await registered(world, email)
    caller = caller_of(session)
    await link_provider(world, session)
    await world.get(PasswordService).ask_for_reset(email, HOME)
    organisation = await world.get(OrganisationService).found(caller, "Ada and nobody else", None)
    await world.get(PartnerKeyService).create(caller, organisation.id, "Our server")
    await world.get(InvitationService).invite(caller, organisation.id, "guest@cadenza.example", MemberRole.ADMIN)
    await world.get(WebhookEndpoints).create(
        caller, "https://hooks.example/ada", [WebhookEvent.JOB_SUCCEEDED], "Mine", None
    )
    await world.ask(caller, prompt=f"a waltz for {email}", idempotency_key="the first one")
    await world.work_off()
    canceled = await world.ask(caller, prompt="another one")
    await world.get(JobFollowing).cancel(caller, canceled.id)
    world.queue.messages.clear()
    await brought(world, caller, encoded(tones(1.0)))
    await world.work_off()
    await send(world, caller, await opened(world, caller, b"begun", "begun.wav"), b"begun")
    for track in (await world.get(LibraryService).tracks(caller, SortedPageRequest(NEWEST_FIRST))).items:
        await heard(world, track.id, session.account.id, session.account.id)
        await illustrated(world, caller, track)
        await world.get(LikeService).like(caller, track.id)
        await world.get(LikeCounting).sweep()
        listed = await world.get(PlaylistService).create(caller, "Evening", "", None)
        await world.get(PlaylistEntries).add(caller, listed.playlist.id, Additions((track.id,)), None)
    tagging = BulkChange(BulkAction.ADD_TAGS, tags=("mine",))
    await world.get(BulkEditStart).start(caller, HOME, NewBulkEdit(tagging, wanted=ALL_TRACKS))
    await world.work_off()
    await world.get(ApiKeyService).create(caller, "My robot", list(Scope))
    await world.get(PaymentSales).buy_credits(caller, world.get(CreditWallets).packs()[0].id, None)
    factor = world.get(SecondFactorService)
    secret, _ = await factor.enrol(caller, PASSWORD, HOME)
    await factor.confirm(caller, str(pyotp.TOTP(secret).at(world.clock.now())), HOME)
    await factor.disable(caller, PASSWORD, str(pyotp.TOTP(secret).at(world.clock.now() + timedelta(seconds=30))), HOME)
    await factor.enrol(caller, PASSWORD, HOME)
    await world.get(AccountExport).export(caller, PASSWORD, HOME)
    await world.get(ExportRequests).request(caller, PASSWORD, HOME, None)
    await world.work_off()
    await world.mail_to(email)
    await leave_behind(world, session, canceled.id)
    await registered_by(world, session, organisation.id)
    return session


async def link_provider(world: World, session: Session) -> None:
    """One that is linked, and another way there that was only begun."""
    (mail,) = await world.mail_to(session.account.email)
    await world.get(EmailService).verify(code_in(mail), HOME)
    caller, links = caller_of(session), world.get(IdentityLinks)
    begun = await links.start(caller, "twin", APP, PASSWORD, HOME)
    state, code = world.provider.signs_in(ProvenIdentity("twin", f"at {session.account.id}", None, False))
    await links.complete(caller, ProviderAnswer(state, code, begun.ticket), HOME)
    await links.start(caller, "twin", APP, PASSWORD, HOME)


async def leave_behind(world: World, session: Session, job_id: str) -> None:
    """What is there for moments only, or after trouble: in the outboxes, and of a plan that was given up."""
    database, now = world.client[world.database], world.clock.now()
    await database["job_outbox"].insert_one({"_id": f"{job_id}:9", "job_id": job_id, "attempt": 9, "due_at": now})
    step = {"_id": f"{job_id}:score", "job_id": job_id, "name": "score", "attempt": 1, "made_at": now, "payload": b""}
    await database["job_steps"].insert_one(step)
    ended = {**subscription_of(session, now), "_id": f"sub_{job_id}", "status": "CANCELED"}
    await database["payment_subscriptions"].insert_one(ended)

    async def post(transaction: Transaction) -> None:
        await world.get(MailOutbox).post(session.account.id, Mail("later@x.example", "Later", "text"), transaction)

    await world.kit.transactions.run(post)


async def registered_by(world: World, session: Session, organisation_id: str) -> None:
    """An operation of the person's organisation, and a day of calls."""
    database, now = world.client[world.database], world.clock.now()
    of = {"organisation_id": organisation_id, "digest": "0" * 64, "name": "Viewer", "cost": 1}
    operation = {"names": ["0" * 64], "text": "", "type": "QUERY", "registered_at": now}
    await database["partner_operations"].insert_one({**of, **operation, "registered_by": session.account.id})
    await database["partner_usage"].insert_one({**of, "day": "2026-11-21", "calls": 1, "errors": 0, "expires_at": now})


async def deleted(world: World, session: Session) -> None:
    await world.get(AccountDeletion).ask(caller_of(session), PASSWORD, "", HOME)
    await world.mail_to(session.account.email)


def files_of(data: bytes) -> Mapping[str, Any]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: json.loads(archive.read(name)) for name in archive.namelist()}


EXPORTED = {
    "accounts.json",
    "bulk.json",
    "credits.json",
    "exports.json",
    "generation.json",
    "idempotency.json",
    "jobs.json",
    "library.json",
    "likes.json",
    "partners.json",
    "payments.json",
    "playlists.json",
    "plays.json",
    "recognition.json",
    "transcription.json",
    "uploads.json",
    "webhooks.json",
}


async def test_an_export_holds_everything_and_no_secret(world: World) -> None:
    ada = await with_a_life(world)
    await with_a_life(world, BOB)
    link = await world.get(AccountExport).export(caller_of(ada), PASSWORD, HOME)
    data, content_type = world.blobs.objects[link.url.removeprefix("memory:///")]
    assert (len(data), content_type) == (link.size_bytes, "application/zip")
    found = files_of(data)
    assert set(found) == EXPORTED
    assert found["accounts.json"]["account"][0]["email"] == ADA
    (identity,) = found["accounts.json"]["account"][0]["identities"]
    assert (identity["provider"], identity["subject"]) == ("twin", f"at {ada.account.id}")
    assert [key["name"] for key in found["accounts.json"]["api_keys"]] == ["My robot"]
    assert [request["request"]["prompt"] for request in found["generation.json"]["requests"]] == [
        f"a waltz for {ADA}",
        "another one",
    ]
    assert len(found["jobs.json"]["jobs"]) == 5
    assert len(found["exports.json"]["exports"]) == 1
    assert [edit["changed"] for edit in found["bulk.json"]["bulk_edits"]] == [2]
    assert len(found["uploads.json"]["cover_uploads"]) == 2
    assert [upload["file_name"] for upload in found["uploads.json"]["uploads"]] == ["rain.wav", "begun.wav"]
    assert found["credits.json"]["wallet"]["_id"] == ada.account.id
    assert len(found["library.json"]["versions"]) == 2
    assert {play["track_id"] for play in found["plays.json"]["plays"]} == {
        track["_id"] for track in found["library.json"]["tracks"]
    }
    assert len(found["likes.json"]["likes"]) == 2
    assert len(found["playlists.json"]["playlists"]) == len(found["playlists.json"]["playlist_entries"]) == 2
    for version in found["library.json"]["versions"]:
        assert all(asset["url"] == f"memory:///{asset['key']}" for asset in version["assets"])
    assert len(found["library.json"]["structures"]) == 2
    # and not that Bob has brought the same file
    assert len(found["recognition.json"]["recordings"]) == 2
    assert found["recognition.json"]["likenesses"] == []
    # and nothing of others, and nothing that proves who somebody is
    text = str(found)
    assert BOB not in text
    assert not any(account["password_hash"] in text for account in await world.documents("accounts"))
    assert not any(name in text for name in ("password_hash", "token_hash", "key_hash", "sealed"))
    assert [endpoint["url"] for endpoint in found["webhooks.json"]["endpoints"]] == ["https://hooks.example/ada"]
    assert len(found["webhooks.json"]["deliveries"]) == 4
    assert [each["role"] for each in found["partners.json"]["organisations"]] == ["OWNER"]


async def test_an_export_is_gone_after_a_day(world: World) -> None:
    ada = await registered(world)
    await world.get(AccountExport).export(caller_of(ada), PASSWORD, HOME)
    assert await world.get(ExportJanitor).sweep() == 0
    assert len(world.blobs.objects) == 1
    world.clock.advance(24 * 3600)
    assert await world.get(ExportJanitor).sweep() == 1
    assert (world.blobs.objects, await world.documents("account_exports")) == ({}, [])


async def test_an_export_needs_a_person_and_their_password(world: World) -> None:
    ada = await registered(world)
    with pytest.raises(WrongCredentials):
        await world.get(AccountExport).export(caller_of(ada), "a wrong password", HOME)
    with pytest.raises(Forbidden):
        await world.get(AccountExport).export(Caller(ada.account.id, credential=Credential.API_KEY), PASSWORD, HOME)
    assert world.blobs.objects == {}
    for _ in range(10):
        await world.get(AccountExport).export(caller_of(ada), PASSWORD, HOME)
    with pytest.raises(TooManyAttempts):
        await world.get(AccountExport).export(caller_of(ada), PASSWORD, HOME)


async def test_asking_to_be_forgotten_locks_everybody_out_at_once(world: World) -> None:
    ada = await registered(world)
    _, key = await world.get(ApiKeyService).create(caller_of(ada), "My robot", list(Scope))
    await world.get(PasswordService).ask_for_reset(ADA, HOME)
    await deleted(world, ada)
    for token in (ada.access_token, key):
        with pytest.raises(Unauthenticated):
            await world.get(Authentication).caller_of(token)
    for name in ("sessions", "api_keys", "mailed_tokens"):
        assert await world.documents(name) == []
    with pytest.raises(AccountBeingDeleted) as told:
        await world.get(SignInService).sign_in(ADA, PASSWORD, HOME)
    assert abs((told.value.erase_at - world.clock.now()).total_seconds() - GRACE) < 60
    assert await world.documents("sessions") == []
    # and the mailbox knows
    assert (await world.mail_to(ADA))[-1].subject == "Your account will be erased"


async def test_a_wrong_password_does_not_learn_of_it(world: World) -> None:
    await deleted(world, await registered(world))
    with pytest.raises(WrongCredentials):
        await world.get(SignInService).sign_in(ADA, "a wrong password", HOME)


async def test_who_thinks_better_of_it_has_everything_back(world: World) -> None:
    ada = await with_a_life(world)
    await deleted(world, ada)
    world.clock.advance(GRACE - 60)
    assert await world.get(AccountErasure).sweep() == 0
    with pytest.raises(AccountBeingDeleted) as told:
        await world.get(SignInService).sign_in(ADA, PASSWORD, HOME)
    session = await world.get(AccountDeletion).restore(told.value.restore_token, HOME)
    assert await world.get(SessionService).caller_of(session.access_token) == caller_of(session)
    # and the sweeper leaves them alone for ever
    world.clock.advance(GRACE)
    assert await world.get(AccountErasure).sweep() == 0
    (account,) = await world.documents("accounts")
    assert (account["erase_at"], account["pseudonym"]) == (None, None)
    assert len(await world.documents("tracks")) == 2


async def test_only_the_owner_restores_and_only_in_time(world: World) -> None:
    ada = await registered(world)
    deletion, signer = world.get(AccountDeletion), world.kit.signer
    await deleted(world, ada)
    with pytest.raises(AccountBeingDeleted) as told:
        await world.get(SignInService).sign_in(ADA, PASSWORD, HOME)
    later = world.clock.now() + timedelta(minutes=1)
    for bad in ("nonsense", signer.sign(RESTORE_AUDIENCE, ada.account.id, later)):
        with pytest.raises(LinkRefused):
            await deletion.restore(bad, HOME)
    await deletion.restore(told.value.restore_token, HOME)
    # and what is not to be erased cannot be restored
    with pytest.raises(LinkRefused):
        await deletion.restore(told.value.restore_token, HOME)
    session = await world.get(SignInService).sign_in(ADA, PASSWORD, HOME)
    await deleted(world, session)
    with pytest.raises(AccountBeingDeleted) as again:
        await world.get(SignInService).sign_in(ADA, PASSWORD, HOME)
    world.clock.advance(15 * 60 + 1)
    with pytest.raises(LinkRefused):
        await deletion.restore(again.value.restore_token, HOME)


async def test_asking_needs_the_password_and_the_second_factor(world: World) -> None:
    ada = await registered(world)
    caller, deletion = caller_of(ada), world.get(AccountDeletion)
    factor = world.get(SecondFactorService)
    secret, _ = await factor.enrol(caller, PASSWORD, HOME)
    await factor.confirm(caller, str(pyotp.TOTP(secret).at(world.clock.now())), HOME)
    with pytest.raises(WrongCredentials):
        await deletion.ask(caller, "a wrong password", "", HOME)
    with pytest.raises(WrongCode):
        await deletion.ask(caller, PASSWORD, "", HOME)
    with pytest.raises(Forbidden):
        await deletion.ask(Caller(caller.account_id, credential=Credential.API_KEY), PASSWORD, "", HOME)
    assert (await world.documents("accounts"))[0]["erase_at"] is None
    world.clock.advance(60)
    await deletion.ask(caller, PASSWORD, str(pyotp.TOTP(secret).at(world.clock.now())), HOME)
    assert (await world.documents("accounts"))[0]["erase_at"] is not None


async def test_songs_in_the_making_and_plans_that_are_paid_for_stand_in_the_way(world: World) -> None:
    ada = await registered(world)
    caller = caller_of(ada)
    job = await world.ask(caller)
    before = await world.documents("accounts")
    with pytest.raises(DeletionBlocked) as blocked:
        await deleted(world, ada)
    assert list(blocked.value.reasons) == [
        "Jobs of yours are still going on. Wait for them, or cancel them; see `jobs`."
    ]
    assert await world.documents("accounts") == before
    await world.get(JobFollowing).cancel(caller, job.id)
    await world.client[world.database]["payment_subscriptions"].insert_one(subscription_of(ada, world.clock.now()))
    with pytest.raises(DeletionBlocked, match="still pay"):
        await deleted(world, ada)
    assert await world.documents("accounts") == before


def subscription_of(session: Session, now: datetime) -> dict[str, Any]:
    return {
        "_id": "sub_1",
        "owner_id": session.account.id,
        "order_id": "order",
        "plan_id": "creator",
        "customer_id": "cus_1",
        "status": "ACTIVE",
        "period_end": now,
        "ends_with_period": False,
        "as_of": now,
        "paid_period": None,
        "revision": 1,
    }


async def test_the_last_owner_of_other_members_organisation_cannot_go(world: World) -> None:
    # given an organisation with an owner and a member
    ada, bob = await registered(world), await registered(world, BOB)
    organisations = world.get(OrganisationService)
    made = await organisations.found(caller_of(ada), "Two of us", None)
    await world.client[world.database]["organisations"].update_one(
        {"_id": made.id}, {"$push": {"members": {"account_id": bob.account.id, "role": "MEMBER", "since": NOW}}}
    )
    # then the owner is told why not, and the member may go
    assert await world.get(PersonalRecords).obstacles(ada.account.id) == [
        "You are the last owner of 'Two of us'. Make another member its owner first."
    ]
    assert await world.get(PersonalRecords).obstacles(bob.account.id) == []
    await world.get(PersonalRecords).erase(Erasure(bob.account.id, "somebody"))
    assert [member.account_id for member in (await organisations.as_member(caller_of(ada), made.id)).members] == [
        ada.account.id
    ]


async def test_there_is_a_person_with_something_in_every_collection(world: World) -> None:
    # so that the erasure below is told of any document that comes later; Bob has brought the same file as Ada
    await with_a_life(world, BOB)
    ada = await with_a_life(world)
    things = [*await world.documents("jobs"), *await world.documents("organisations")]
    own = [ada.account.id, *(thing["_id"] for thing in things)]
    found = {name for name, documents in (await everything(world)).items() if any(one in str(documents) for one in own)}
    assert found == {document.Settings.name for document in DOCUMENTS} - NAMES_NOBODY


async def test_an_erasure_leaves_nothing_of_the_person_behind(world: World) -> None:
    # given two people with a life, of whom one has asked to be forgotten
    await with_a_life(world, BOB)
    before, of_bob = await everything(world), set(world.blobs.objects)
    ada = await with_a_life(world)
    jobs = [job["_id"] for job in await world.documents("jobs") if job["owner_id"] == ada.account.id]
    await deleted(world, ada)
    world.clock.advance(GRACE)
    # when the time is up
    assert await world.get(AccountErasure).sweep() == 1
    # then neither the database nor the bucket knows them, in any collection or key
    after = await everything(world)
    assert [word for word in (ada.account.id, ada.id, ADA) if word in str(after)] == []
    assert [name for name in after if name not in BOOKS and any(job in str(after[name]) for job in jobs)] == []
    assert set(world.blobs.objects) == of_bob
    # and the other person has lost nothing, and only the books have more
    assert {name: after[name] for name in after if name not in BOOKS} == {
        name: before[name] for name in before if name not in BOOKS
    }
    assert {name for name in BOOKS if len(after[name]) > len(before[name])} == BOOKS
    assert await world.get(AccountErasure).sweep() == 0


def test_the_account_goes_last(world: World) -> None:
    assert [area for area, _ in world.get(PersonalRecords).parts()][-1] == "accounts"


async def test_the_books_stay_whole_under_a_pseudonym(world: World) -> None:
    ada = await with_a_life(world)
    history = (await world.get(CreditWallets).history(caller_of(ada), PageRequest(100))).items
    await deleted(world, ada)
    (account,) = await world.documents("accounts")
    world.clock.advance(GRACE)
    await world.get(AccountErasure).sweep()
    # the same chain of transfers, the same wallet and order, of somebody whom nobody knows
    pseudonym = account["pseudonym"]
    transfers = sorted(await world.documents("credit_transfers"), key=lambda each: each["sequence"])
    assert [each["_id"] for each in transfers] == [each.id for each in reversed(history)]
    assert {each["owner_id"] for each in transfers} == {pseudonym}
    (wallet,), (order,) = await world.documents("credit_wallets"), await world.documents("payment_orders")
    assert (wallet["_id"], order["owner_id"], order["checkout_url"]) == (pseudonym, pseudonym, None)
    assert wallet["revision"] == transfers[-1]["sequence"]
    assert pseudonym not in str(await world.documents("accounts"))


async def test_an_erasure_that_broke_off_is_taken_up_again(world: World) -> None:
    ada = await with_a_life(world)
    await deleted(world, ada)
    world.clock.advance(GRACE)
    world.blobs.is_down = True
    with pytest.raises(DependencyUnavailable):
        await world.get(AccountErasure).sweep()
    assert len(await world.documents("accounts")) == 1
    # from here on there is no way back
    with pytest.raises(AccountBeingDeleted) as told:
        await world.get(SignInService).sign_in(ADA, PASSWORD, HOME)
    with pytest.raises(LinkRefused):
        await world.get(AccountDeletion).restore(told.value.restore_token, HOME)
    world.blobs.is_down = False
    assert await world.get(AccountErasure).sweep() == 1
    assert (world.blobs.objects, await world.documents("accounts")) == ({}, [])


async def test_what_still_stands_in_the_way_postpones_an_erasure(world: World) -> None:
    ada = await registered(world)
    await deleted(world, ada)
    await world.client[world.database]["payment_subscriptions"].insert_one(subscription_of(ada, world.clock.now()))
    world.clock.advance(GRACE)
    assert await world.get(AccountErasure).sweep() == 0
    await world.client[world.database]["payment_subscriptions"].delete_many({})
    assert await world.get(AccountErasure).sweep() == 0
    world.clock.advance(3600)
    assert await world.get(AccountErasure).sweep() == 1


async def test_the_address_can_be_used_again_afterwards(world: World) -> None:
    await deleted(world, await registered(world))
    world.clock.advance(GRACE)
    await world.get(AccountErasure).sweep()
    assert (await registered(world)).account.email == ADA


async def test_leaving_and_coming_back_through_the_api(api: Api) -> None:
    ada = await api.person()
    link = (await ada.client.data(EXPORT, input={"password": PASSWORD}))["exportAccount"]
    assert link["__typename"] == "ExportAccountSuccess"
    assert link["sizeBytes"] > 100
    assert (await ada.client.data(EXPORT, input={"password": "wrong"}))["exportAccount"]["code"] == "WRONG_CREDENTIALS"
    job = await api.world.ask(ada.caller)
    blocked = (await ada.client.data(DELETE, input={"password": PASSWORD}))["deleteAccount"]
    assert (blocked["code"], len(blocked["reasons"])) == ("DELETION_BLOCKED", 1)
    await api.world.get(JobFollowing).cancel(ada.caller, job.id)
    done = (await ada.client.data(DELETE, input={"password": PASSWORD}))["deleteAccount"]
    assert (await ada.client.error(VIEWER))["code"] == "UNAUTHENTICATED"
    told = (await api.anonymous.data(SIGN_IN, input={"email": ada.email, "password": PASSWORD}))["signIn"]
    assert (told["code"], told["eraseAt"]) == ("ACCOUNT_BEING_DELETED", done["eraseAt"])
    back = {"restoreToken": told["restoreToken"]}
    session = (await api.anonymous.data(RESTORE, input=back))["restoreAccount"]["session"]
    assert (await api.anonymous.with_token(session["accessToken"]).data(VIEWER))["viewer"]["email"] == ada.email
    assert (await api.anonymous.data(RESTORE, input=back))["restoreAccount"]["code"] == "LINK_REFUSED"
