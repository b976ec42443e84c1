"""Partners put together, and with them everything by which a call can be signed."""

from collections.abc import Mapping, Sequence

from bootstrap.area import Area
from bootstrap.services import Kit
from domain.accounts.api_keys import FORM as API_KEY
from domain.accounts.letters import LetterWriter
from domain.accounts.services.api_keys import ApiKeyService
from domain.accounts.services.attempts import Attempts
from domain.accounts.services.directory import AccountDirectory
from domain.accounts.services.security_log import SecurityLog
from domain.accounts.services.sessions import SessionService
from domain.idempotency.service import Idempotency
from domain.kit.caller import Credential
from domain.kit.personal_data import PersonalRecords
from domain.kit.registry import Services
from domain.kit.trust.authentication import Authentication, Proofs
from domain.mail.service import MailOutbox
from domain.partners.documents import (
    InvitationDocument,
    OperationDocument,
    OrganisationDocument,
    PartnerKeyDocument,
    UsageDocument,
)
from domain.partners.keys import FORM as PARTNER_KEY
from domain.partners.services.closing import OrganisationClosing
from domain.partners.services.invitations import InvitationService
from domain.partners.services.keys import PartnerKeyService
from domain.partners.services.operations import OperationRegistry
from domain.partners.services.organisations import OrganisationService
from domain.partners.services.personal_data import PartnerPersonalData
from domain.partners.services.safelist import OperationSafelist
from domain.partners.services.usage import PartnerUsage
from domain.partners.stores.invitations import InvitationStore
from domain.partners.stores.keys import PartnerKeyStore
from domain.partners.stores.operations import OperationStore
from domain.partners.stores.organisations import OrganisationStore
from domain.partners.stores.usage import UsageStore
from graphql_api.partners.mutations.invitations import InvitationMutation
from graphql_api.partners.mutations.keys import PartnerKeyMutation
from graphql_api.partners.mutations.operations import OperationMutation
from graphql_api.partners.mutations.organisations import OrganisationMutation
from graphql_api.partners.prices import PRICES as PARTNER_PRICES
from graphql_api.partners.queries import PartnerQuery
from graphql_api.partners.types import HANDLERS as PARTNER_HANDLERS


def build(kit: Kit) -> Sequence[object]:
    services, store, trusted = kit.services, OrganisationStore(), kit.settings.auth.session_policy.trusted
    key_store, operations, invited = PartnerKeyStore(), OperationStore(), InvitationStore()
    security, accounts = services.get(SecurityLog), services.get(AccountDirectory)
    organisations = OrganisationService(store, accounts, security, services.get(Idempotency), kit.clock)
    keys = PartnerKeyService(key_store, store, organisations, security, kit.clock, trusted)
    safelist = OperationSafelist(operations, kit.clock, trusted)
    closing = OrganisationClosing(
        store=store,
        organisations=organisations,
        keys=keys,
        operations=operations,
        safelist=safelist,
        invitations=invited,
        accounts=accounts,
        letters=services.get(LetterWriter),
        outbox=services.get(MailOutbox),
        security=security,
        records=services.get(PersonalRecords),
        transactions=kit.transactions,
        clock=kit.clock,
    )
    usage = UsageStore()
    return [
        organisations,
        closing,
        _invitations(kit, organisations, store, invited),
        keys,
        safelist,
        OperationRegistry(operations, organisations, safelist, kit.transactions, kit.clock),
        PartnerUsage(usage, organisations, kit.clock),
        PartnerPersonalData(
            store, key_store, operations, usage, invited, accounts, services.get(PersonalRecords), kit.clock
        ),
        _authentication(services, keys),
    ]


def _invitations(
    kit: Kit, organisations: OrganisationService, records: OrganisationStore, invited: InvitationStore
) -> InvitationService:
    return InvitationService(
        store=invited,
        records=records,
        organisations=organisations,
        accounts=kit.services.get(AccountDirectory),
        attempts=kit.services.get(Attempts),
        letters=kit.services.get(LetterWriter),
        outbox=kit.services.get(MailOutbox),
        security=kit.services.get(SecurityLog),
        transactions=kit.transactions,
        clock=kit.clock,
    )


def _authentication(services: Services, keys: PartnerKeyService) -> Authentication:
    proofs: Mapping[Credential, Proofs] = {
        Credential.SESSION: services.get(SessionService),
        Credential.API_KEY: services.get(ApiKeyService),
        Credential.PARTNER_KEY: keys,
    }
    return Authentication(proofs, {API_KEY.mark: Credential.API_KEY, PARTNER_KEY.mark: Credential.PARTNER_KEY})


AREA = Area(
    name="partners",
    documents=[OrganisationDocument, InvitationDocument, PartnerKeyDocument, OperationDocument, UsageDocument],
    build=build,
    personal=PartnerPersonalData,
    queries=[PartnerQuery],
    mutations=[OrganisationMutation, InvitationMutation, PartnerKeyMutation, OperationMutation],
    handlers=PARTNER_HANDLERS,
    prices=PARTNER_PRICES,
)
