"""Somebody with one of everything that has an id or is a secret, and a list of what it can be asked for by."""

from collections.abc import AsyncIterator, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyotp
import strawberry
from graphql import GraphQLObjectType, build_schema, get_named_type
from strawberry.relay.utils import from_base64, to_base64

from adapters.memory.audio_engine import MELODIC
from bootstrap import schema as composed
from domain.accounts.errors import AccountBeingDeleted, SecondFactorRequired
from domain.accounts.model import Role
from domain.accounts.service import AccountService
from domain.accounts.services.api_keys import ApiKeyService
from domain.accounts.services.deletion import AccountDeletion
from domain.accounts.services.emails import EmailService
from domain.accounts.services.passwords import PasswordService
from domain.accounts.services.second_factor import SecondFactorService
from domain.accounts.services.sign_in import SignInService
from domain.accounts.sessions import Session
from domain.bulk.model import BulkAction, BulkChange, NewBulkEdit
from domain.bulk.services.start import BulkEditStart
from domain.credits.services.wallets import CreditWallets
from domain.exports.services.request import ExportRequests
from domain.kit.caller import Caller, Client, Scope
from domain.kit.ids import is_id, new_id
from domain.kit.keyset import SortedPageRequest
from domain.library.listing import NEWEST_FIRST
from domain.library.lyric_wish import LyricsWish
from domain.library.model import Track, Visibility
from domain.library.rules import Condition, HasWords, Holds, Join, Rule, Subject
from domain.library.service import LibraryService
from domain.library.services.edit import TrackEditing
from domain.library.services.share import TrackSharing
from domain.likes.service import LikeService
from domain.partners.model import Organisation
from domain.partners.services.keys import PartnerKeyService
from domain.partners.services.organisations import OrganisationService
from domain.payments.services.sell import PaymentSales
from domain.playlists.services.collaborate import PlaylistCollaboration
from domain.playlists.services.entries import Additions, PlaylistEntries
from domain.playlists.services.manage import PlaylistChanges, PlaylistService
from domain.playlists.services.smart import NewSmartPlaylist, SmartPlaylists
from domain.playlists.smart import SmartDefinition
from domain.webhooks.model import WebhookEvent
from domain.webhooks.services.manage import WebhookEndpoints
from tests.accounts.letters import code_in
from tests.graphql.client import GraphQLClient, Json
from tests.graphql.harness import PASSWORD, Api
from tests.graphql.selections import Selections, field_of, needs_arguments
from tests.library.factories import add_track
from tests.partners.office import TRACKS, Office, publish, verified_person
from tests.plays.listeners import heard
from tests.uploads.bringing import brought, illustrated
from tests.uploads.sounds import encoded, tones
from tests.world import World

HOME = Client("192.0.2.7", "Laptop/1.0")
PLAYBACK = "query($id: ID!) { playback(trackId: $id) { __typename versionId hlsUrl reportUrl } }"
WATCH = "subscription($id: ID!) { jobProgress(jobId: $id) { __typename eventId jobId } }"
# Texts that are no ids by their type, and by which something may be found all the same.
NAMES_OF_HANDLES = frozenset(
    {"cursor", "email", "prefix", "documentId", "messageId", "hlsUrl", "reportUrl", "shareSecret", "invitationSecret"}
)
# What the first person lets everybody listen to; nothing of it has their mark, but that it is theirs.
FOR_EVERYBODY = "For everybody"

SCHEMA = build_schema(composed.export())


@dataclass(frozen=True)
class Handle:
    """A text that stands for something: where the schema shows it (`Track.id`), and the text itself."""

    place: str
    text: str

    @property
    def kind(self) -> str:
        return self.place.partition(".")[0]

    @property
    def name(self) -> str:
        return self.place.partition(".")[2]

    @property
    def type_name(self) -> str | None:
        """The type of a global id; None for every other text."""
        return None if self._parsed is None else self._parsed[0]

    @property
    def local_id(self) -> str | None:
        """The id within its type, of a global id."""
        return None if self._parsed is None else self._parsed[1]

    @property
    def is_id(self) -> bool:
        """Whether the schema calls it an id, global or not."""
        shown = SCHEMA.type_map.get(self.kind)
        field = shown.fields.get(self.name) if isinstance(shown, GraphQLObjectType) else None
        return field is not None and get_named_type(field.type).name == "ID"

    @property
    def _parsed(self) -> tuple[str, str] | None:
        try:
            type_name, found = from_base64(self.text)
        except ValueError:
            return None
        return (type_name, found) if type_name in SCHEMA.type_map and is_id(found) else None


@dataclass(frozen=True)
class Settled:
    """`mark` stands in everything that this person has written."""

    mark: str
    caller: Caller
    client: GraphQLClient
    organisation: Organisation
    partner_key: str
    handles: tuple[Handle, ...]
    public: Json

    @property
    def own(self) -> Mapping[str, str]:
        """One global id for each type."""
        return {handle.kind: handle.text for handle in self.handles if handle.name == "id"}


async def settle(api: Api, schema: strawberry.Schema, mark: str) -> Settled:
    """A new person who has done everything there is to do."""
    world = api.world
    session = await _signed_up(world, mark)
    caller = Caller(session.account.id, session.id)
    secrets = {"Session.accessToken": session.access_token, "Session.refreshToken": session.refresh_token}
    secrets |= await _mailed(world, caller, session.account.email)
    organisation, partner_key = await _employed(world, schema, caller, mark)
    _, guest = await verified_person(world, f"Guest of {mark}")
    invitation = await Office(world, caller, organisation).invite(guest)
    secrets |= {"CreatePartnerKeySuccess.secret": partner_key, "mail.invitation": invitation}
    secrets |= await _programmed(world, caller, mark)
    everybodys = await add_track(world, caller, FOR_EVERYBODY)
    await _made_music(world, caller, mark)
    secrets |= await _illustrated(world, caller)
    await _shared(world, caller, everybodys)
    secrets |= await _listed(world, caller, mark)
    secrets |= await _guarded(world, caller, session.account.email)
    secrets |= await _left(world, mark)
    client = api.anonymous.with_token(session.access_token)
    handles = [*(Handle(place, text) for place, text in secrets.items()), *await _found(client)]
    public = await _public(api, caller.require())
    return Settled(mark, caller, client, organisation, partner_key, tuple(_one_of_each(handles)), public)


async def _signed_up(world: World, mark: str) -> Session:
    email = f"{mark.lower()}-{new_id().lower()}@cadenza.example"
    return await world.get(AccountService).sign_up(email, PASSWORD, f"{mark} Lovelace", HOME)


async def _mailed(world: World, caller: Caller, email: str) -> Mapping[str, str]:
    """The codes of all kinds of mail. The address counts as verified, though its code was not used."""
    verification = code_in((await world.mail_to(email))[0])
    accounts = world.client[world.database]["accounts"]
    await accounts.update_one({"_id": caller.account_id}, {"$set": {"email_verified_at": world.clock.now()}})
    await world.get(PasswordService).ask_for_reset(email, HOME)
    reset = code_in((await world.mail_to(email))[-1])
    await world.get(EmailService).ask_for_change(caller, f"new-{email}", PASSWORD, HOME)
    change = code_in((await world.mail_to(f"new-{email}"))[-1])
    return {"mail.verification": verification, "mail.reset": reset, "mail.change": change}


async def _employed(world: World, schema: strawberry.Schema, caller: Caller, mark: str) -> tuple[Organisation, str]:
    """An organisation with an operation, and the text of its key."""
    organisation = await world.get(OrganisationService).found(caller, f"{mark} & Daughters", f"{mark} founds")
    _, secret = await world.get(PartnerKeyService).create(caller, organisation.id, f"Server of {mark}", list(Scope))
    await publish(Office(world, caller, organisation), schema, TRACKS.replace("Tracks", f"TracksOf{mark}"))
    return organisation, secret


async def _programmed(world: World, caller: Caller, mark: str) -> Mapping[str, str]:
    """A key, and an endpoint with two secrets."""
    _, key = await world.get(ApiKeyService).create(caller, f"Robot of {mark}", list(Scope))
    endpoints, url = world.get(WebhookEndpoints), f"https://hooks.example/{mark.lower()}"
    made = await endpoints.create(caller, url, [WebhookEvent.JOB_SUCCEEDED], f"Tells {mark}", None)
    rotated = await endpoints.rotate(caller, made.endpoint.id)
    return {
        "CreateApiKeySuccess.secret": key,
        "CreateWebhookEndpointSuccess.secret": made.secret,
        "RotateWebhookSecretSuccess.secret": rotated.secret,
    }


async def _made_music(world: World, caller: Caller, mark: str) -> None:
    """An order, a track with its job and the delivery that tells of it, an upload, words, plays, likes, and a job."""
    await world.get(PaymentSales).buy_credits(caller, world.get(CreditWallets).packs()[0].id, None)
    # The newest version is one that has a score, so that it can be changed.
    await brought(world, caller, encoded(tones(1.0)), f"{mark}.wav", f"Hum of {mark}")
    wish = {"prompt": f"a waltz for {mark}", "title": f"Waltz of {mark}", "idempotency_key": f"{mark} asks"}
    await world.ask(caller, **wish)
    await world.work_off()
    owner_id = caller.require()
    tracks = (await world.get(LibraryService).tracks(caller, SortedPageRequest(NEWEST_FIRST))).items
    for track in tracks:
        await world.get(LikeService).like(caller, track.id)
        await heard(world, track.id, owner_id, owner_id)
        sung = LyricsWish(lrc=f"[00:01.00]Oh {FOR_EVERYBODY if track.title == FOR_EVERYBODY else mark}")
        await world.get(TrackEditing).set_lyrics(caller, track.id, track.revision, sung)
    await _had_jobs(world, caller, mark)
    world.audio.served = (MELODIC,)
    melody = tracks[0].current.id
    await world.ask(caller, prompt=f"a polka for {mark}", model_id=MELODIC.id, melody_version_id=melody)
    world.queue.messages.clear()


async def _had_jobs(world: World, caller: Caller, mark: str) -> None:
    """A bulk edit that found nothing to change, and an export."""
    change = BulkChange(BulkAction.REMOVE_TAGS, tags=(f"{mark} never had this",))
    await world.get(BulkEditStart).start(caller, HOME, NewBulkEdit(change, track_ids=(new_id(),)))
    await world.get(ExportRequests).request(caller, PASSWORD, HOME, None)
    await world.work_off()


async def _illustrated(world: World, caller: Caller) -> Mapping[str, str]:
    """A picture that has become a cover."""
    (track, *_) = (await world.get(LibraryService).tracks(caller, SortedPageRequest(NEWEST_FIRST))).items
    upload = await illustrated(world, caller, track)
    return {"CoverUpload.id": to_base64("CoverUpload", upload.id)}


async def _shared(world: World, caller: Caller, everybodys: Track) -> None:
    """One track, which is older than what is asked for, is public; the others have links."""
    await world.get(AccountService).set_role(await _email_of(world, caller), Role.ARTIST)
    sharing, page = world.get(TrackSharing), SortedPageRequest(NEWEST_FIRST)
    for track in (await world.get(LibraryService).tracks(caller, page)).items:
        visibility = Visibility.PUBLIC if track.id == everybodys.id else Visibility.UNLISTED
        await sharing.set_visibility(caller, HOME, track.id, track.revision, visibility, None)


async def _listed(world: World, caller: Caller, mark: str) -> Mapping[str, str]:
    """A playlist with a link and an invitation, in which somebody has joined and added something, and a smart one."""
    playlists, together = world.get(PlaylistService), world.get(PlaylistCollaboration)
    rule = Rule(Join.ANY, (Condition(Subject.TEXT, HasWords(mark)), Condition(Subject.LIKED, Holds(is_so=True))))
    new = NewSmartPlaylist(f"What {mark} likes", "", SmartDefinition(rule))
    smart = (await world.get(SmartPlaylists).create(caller, new, None)).playlist
    made = (await playlists.create(caller, f"Favourites of {mark}", "", None)).playlist
    unlisted = PlaylistChanges(visibility=Visibility.UNLISTED)
    made = (await playlists.update(caller, made.id, made.revision, unlisted)).playlist
    made = (await together.set_invitation(caller, made.id, made.revision, is_wanted=True)).playlist
    secret = await playlists.secret_of(made, "invitation")
    friend, _ = await verified_person(world, f"Friend of {mark}")
    await together.join(friend, secret or "")
    tracks = (await world.get(LibraryService).tracks(caller, SortedPageRequest(NEWEST_FIRST))).items
    await world.get(PlaylistEntries).add(caller, made.id, Additions(tuple(track.id for track in tracks)), None)
    return {"SmartPlaylist.id": to_base64("Playlist", smart.id)}


async def _email_of(world: World, caller: Caller) -> str:
    account = await world.get(AccountService).viewer(caller)
    assert account is not None
    return account.email


async def _public(api: Api, account_id: str) -> Json:
    """What everybody is shown of this person's tracks."""
    assert SCHEMA.query_type is not None
    selection = Selections(SCHEMA).of(SCHEMA.query_type.fields["publicTracks"])
    query = f"query($owner: ID!) {{ publicTracks(ownerId: $owner) {selection} }}"
    return await api.anonymous.data(query, owner=to_base64("Account", account_id))


async def _guarded(world: World, caller: Caller, email: str) -> Mapping[str, str]:
    """A second factor, and a sign-in that waits for its code."""
    factor = world.get(SecondFactorService)
    secret, uri = await factor.enrol(caller, PASSWORD, HOME)
    codes = await factor.confirm(caller, str(pyotp.TOTP(secret).at(world.clock.now())), HOME)
    found = {
        "EnrolSecondFactorSuccess.secret": secret,
        "EnrolSecondFactorSuccess.otpauthUri": uri,
        "ConfirmSecondFactorSuccess.recoveryCodes": codes[0],
    }
    try:
        await world.get(SignInService).sign_in(email, PASSWORD, HOME)
    except SecondFactorRequired as halted:
        return {**found, "SecondFactorRequired.challenge": halted.challenge}
    raise AssertionError("the second factor was not asked for")


async def _left(world: World, mark: str) -> Mapping[str, str]:
    """Another account of the same person, which waits for its erasure."""
    session = await _signed_up(world, mark)
    email = session.account.email
    await world.get(AccountDeletion).ask(Caller(session.account.id, session.id), PASSWORD, "", HOME)
    try:
        await world.get(SignInService).sign_in(email, PASSWORD, HOME)
    except AccountBeingDeleted as told:
        return {"AccountBeingDeleted.restoreToken": told.restore_token, "a former account.email": email}
    raise AssertionError("the account was not locked")


async def _found(client: GraphQLClient) -> Sequence[Handle]:
    """What this person finds in answers: what is shown unasked, where a track plays and how a job goes on."""
    found = [handle async for _, data in shown_unasked(client) for handle in handles_in(data)]
    ids = {handle.place: handle.text for handle in reversed(found)}
    found += handles_in(await client.data(PLAYBACK, id=ids["Track.id"]))
    async with client.socket() as socket:
        await socket.subscribe(WATCH, {"id": ids["GenerationJob.id"]})
        found += handles_in((await socket.receive())["payload"]["data"])
    return found


async def shown_unasked(client: GraphQLClient, without: Collection[str] = ()) -> AsyncIterator[tuple[str, Json]]:
    """Name and data of every query that needs no argument, less the fields `without`; a refused one shows nothing."""
    assert SCHEMA.query_type is not None
    selections = Selections(SCHEMA, without)
    for name, field in SCHEMA.query_type.fields.items():
        if not needs_arguments(field):
            answer = await client.ask(f"{{ {name} {selections.of(field)} }}")
            assert "DOCUMENT_TOO_COMPLEX" not in str(answer.body.get("errors")), name
            yield name, answer.body.get("data") or {}


def handles_in(data: Any) -> Iterator[Handle]:
    """Ids, and other texts by which something may be found, from data with `__typename` in it."""
    if isinstance(data, list):
        for each in data:
            yield from handles_in(each)
    elif isinstance(data, dict):
        kind = data.get("__typename", "")
        for answer_name, value in data.items():
            name = field_of(kind, answer_name)
            if isinstance(value, str) and _is_handle(kind, name):
                yield Handle(f"{kind}.{name}", value)
            yield from handles_in(value)


def _is_handle(kind: str, name: str) -> bool:
    shown = SCHEMA.type_map.get(kind)
    if name == "__typename" or not isinstance(shown, GraphQLObjectType):
        return False
    return name in NAMES_OF_HANDLES or get_named_type(shown.fields[name].type).name == "ID"


def _one_of_each(handles: Iterable[Handle]) -> Iterable[Handle]:
    """The first of each place: the newest, as lists show them."""
    return {handle.place: handle for handle in reversed(tuple(handles))}.values()
