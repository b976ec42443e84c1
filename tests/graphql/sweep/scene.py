"""The first person with one of everything, the intruders, and the sweep of one gate."""

import json
from collections import Counter
from collections.abc import AsyncIterator, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import strawberry
from strawberry.relay.utils import to_base64

from domain.kit.ids import new_id
from domain.partners.model import MemberRole
from domain.partners.operations import OperationUpload
from domain.partners.services.invitations import InvitationService
from domain.partners.services.operations import OperationRegistry
from graphql_api.core.documents.prices import PriceList
from graphql_api.core.documents.reading import Documents
from graphql_api.partners.inspection import DocumentInspector
from tests.accounts.letters import code_in
from tests.graphql.belongings import SCHEMA, Handle, Settled, settle, shown_unasked
from tests.graphql.client import GraphQLClient
from tests.graphql.harness import WIDE, Api
from tests.graphql.selections import Selections
from tests.graphql.sweep.callers import Asked, Intruder
from tests.graphql.sweep.gates import EVENTS, Gate, gates_of
from tests.graphql.sweep.secrecy import Belongings, harm
from tests.partners.office import Office, signed_in, verified_person

# What gates take from whoever has it, by the places or names of handles: a secret is its own proof.
BY_RIGHT: Mapping[str, Collection[str]] = {
    "Mutation.completeSignIn(input.challenge)": ["SecondFactorRequired.challenge"],
    "Mutation.confirmEmailChange(input.token)": ["mail.change"],
    "Mutation.declineOrganisationInvitation(input.token)": ["mail.invitation"],
    "Mutation.joinPlaylist(input.secret)": ["Playlist.invitationSecret"],
    "Mutation.refreshSession(input.refreshToken)": ["Session.refreshToken"],
    "Mutation.resetPassword(input.token)": ["mail.reset"],
    "Mutation.restoreAccount(input.restoreToken)": ["AccountBeingDeleted.restoreToken"],
    "Mutation.signOut(input.refreshToken)": ["Session.refreshToken"],
    "Mutation.verifyEmail(input.token)": ["mail.verification"],
    "Query.playback(secret)": ["Track.shareSecret"],
    "Query.sharedPlaylist(secret)": ["Playlist.shareSecret"],
    "Query.sharedTrack(secret)": ["Track.shareSecret"],
}
# Where knocking at somebody's gate leaves a trace in collections of his.
TRACES: Mapping[str, Collection[str]] = {
    "Mutation.requestPasswordReset(input.email)": ["mail_outbox", "mailed_tokens", "security_events"],
    "Mutation.resendVerification(input.email)": ["mail_outbox", "mailed_tokens"],
    "Mutation.signIn(input.email)": ["security_events"],
}
# What is sent there names something of the caller's own, and is shown to the caller again.
KEEPS_NAMES = ("Mutation.registerOperations(input.documents.id)",)
# A member may not look at these, and their refusal would hide the rest.
FOR_MANAGERS = ("Organisation.invitations", "Organisation.securityEvents")


@dataclass(frozen=True)
class Scene:
    """`asked` counts what was sent, by gate."""

    api: Api
    first: Settled
    belongings: Belongings
    intruders: Sequence[Intruder]
    documents: Mapping[str, str]
    asked: Counter[str] = field(default_factory=Counter)

    async def sweep(self, gate: Gate) -> AsyncIterator[str]:
        """Everything that is wrong with one gate, in sentences."""
        texts, document = texts_for(gate, self.first.handles), self.documents[str(gate)]
        before = self.belongings.records_in(await self.api.contents())
        for intruder in self.intruders:
            await intruder.wake(self.api)
            answers = await intruder.ask(gate, document, texts)
            self.asked[str(gate)] += len(texts)
            for told in (*self._shown(gate, intruder, answers), *await self._unlike(gate, intruder, answers)):
                yield f"{gate}, asked by {intruder.name}: {told}"
            after = self.belongings.records_in(await self.api.contents())
            for told in harm(before, after, intruder.names, TRACES.get(str(gate), ())):
                yield f"{gate}, asked by {intruder.name}: {told}"
            before = after

    def _shown(self, gate: Gate, intruder: Intruder, answers: Sequence[Asked]) -> Iterator[str]:
        hidden = self.belongings.without(intruder.known)
        named = " ".join(asked.text for asked in answers) if str(gate) in KEEPS_NAMES else ""
        for asked in answers:
            if found := hidden.found_in(json.dumps(asked.answer, ensure_ascii=False), named or asked.text):
                yield f"{asked.text!r} brought {sorted(found)}"

    async def _unlike(self, gate: Gate, intruder: Intruder, answers: Sequence[Asked]) -> Sequence[str]:
        """What is not the intruder's must answer like what is not there: like the same text with a fresh id in it."""
        if not gate.is_id or gate.takes == EVENTS:
            return []
        hidden = self.belongings.without(intruder.known)
        pairs = [(asked, twin_of(asked.text)) for asked in answers if hidden.found_in(asked.text)]
        twins = sorted({twin for _, twin in pairs})
        answered = {each.text: each for each in await intruder.ask(gate, self.documents[str(gate)], twins)}
        return [
            f"{asked.text!r} is answered {asked.answer}, and what is not there {answered[twin].answer}"
            for asked, twin in pairs
            if asked.likened(asked.text, local_id_of(asked.text)) != answered[twin].likened(twin, NOT_THERE)
        ]


NOT_THERE = new_id()


def local_id_of(text: str) -> str:
    return Handle("", text).local_id or text


def twin_of(text: str) -> str:
    """The same text with the id of something that is not there."""
    kind = Handle("", text).type_name
    return NOT_THERE if kind is None else to_base64(kind, NOT_THERE)


def texts_for(gate: Gate, handles: Sequence[Handle]) -> Sequence[str]:
    """Ids of all types, bare, and dressed as what the gate takes; and for texts, all that there is."""
    taken = BY_RIGHT.get(str(gate), ())
    texts: list[str] = []
    for handle in handles:
        if handle.place in taken or handle.name in taken:
            continue
        if handle.is_id or not gate.is_id:
            texts.append(handle.text)
        if gate.is_id and handle.local_id is not None:
            texts += [handle.local_id, to_base64(gate.takes or "Node", handle.local_id)]
    return tuple(dict.fromkeys(texts))


async def set_scene(api: Api, schema: strawberry.Schema) -> Scene:
    """The first person is there alone for a moment; whatever has an id then is theirs.

    Less what everybody may see: what is shown unasked, and the public track with whose it is.
    """
    first = await settle(api, schema, "Quokka")
    everything = Belongings.of(first, await api.contents())
    public = json.dumps(first.public, ensure_ascii=False)
    belongings = everything.without(everything.found_in(f"{await _all_shown(api.anonymous)} {public}"))
    assert first.mark.lower() in belongings.words
    stranger = await settle(api, schema, "Wombat")
    selections = Selections(SCHEMA)
    documents = {str(gate): gate.document(selections) for gate in gates_of(SCHEMA)}
    await _register(api, schema, stranger, list(documents.values()))
    member = await _member(api, first, stranger, belongings)
    account_id, organisation_id = stranger.caller.require(), stranger.organisation.id
    server = api.anonymous.with_token(stranger.partner_key)
    intruders = (
        Intruder("nobody", api.anonymous, stranger.own),
        Intruder("a stranger", stranger.client, stranger.own, (account_id, organisation_id), person=stranger.caller),
        Intruder("a stranger's server", server, stranger.own, (organisation_id,), runs_registered_only=True),
        member,
    )
    return Scene(api, first, belongings, intruders, documents)


async def _member(api: Api, first: Settled, stranger: Settled, belongings: Belongings) -> Intruder:
    """Somebody who may look at the first person's organisation, and do nothing to it."""
    caller, email = await verified_person(api.world, "Bob")
    invitations = api.world.get(InvitationService)
    await invitations.invite(first.caller, first.organisation.id, email, MemberRole.MEMBER)
    await invitations.accept(caller, code_in((await api.world.mail_to(email))[-1]))
    client = await signed_in(api, caller)
    known = belongings.found_in(await _all_shown(client))
    own = {**stranger.own, "Organisation": first.own["Organisation"]}
    return Intruder("a member", client, own, (caller.require(),), frozenset(known), caller)


async def _all_shown(client: GraphQLClient) -> str:
    """All that a caller is shown without asking for anything."""
    return " ".join([json.dumps(data, ensure_ascii=False) async for _, data in shown_unasked(client, FOR_MANAGERS)])


async def _register(api: Api, schema: strawberry.Schema, stranger: Settled, texts: Sequence[str]) -> None:
    core = schema._schema
    inspector = DocumentInspector(Documents(core, PriceList(core, {}), WIDE, kept=0))
    office = Office(api.world, stranger.caller, stranger.organisation)
    uploads = [OperationUpload(text) for text in dict.fromkeys(texts)]
    await api.world.get(OperationRegistry).register(office.owner, office.organisation.id, uploads, inspector)
