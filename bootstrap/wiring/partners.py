"""Partners put together, and with them everything by which a call can be signed."""

from collections.abc import Mapping, Sequence

from bootstrap.area import Area
from bootstrap.services import Kit
from domain.accounts.api_keys import FORM as API_KEY
from domain.accounts.services.api_keys import ApiKeyService
from domain.accounts.services.directory import AccountDirectory
from domain.accounts.services.security_log import SecurityLog
from domain.accounts.services.sessions import SessionService
from domain.idempotency.service import Idempotency
from domain.kit.authentication import Authentication, Proofs
from domain.kit.caller import Credential
from domain.kit.personal_data import PersonalRecords
from domain.partners.documents import OperationDocument, OrganisationDocument, PartnerKeyDocument, UsageDocument
from domain.partners.keys import FORM as PARTNER_KEY
from domain.partners.services.keys import PartnerKeyService
from domain.partners.services.operations import OperationRegistry
from domain.partners.services.organisations import OrganisationService
from domain.partners.services.personal_data import PartnerPersonalData
from domain.partners.services.safelist import OperationSafelist
from domain.partners.services.usage import PartnerUsage
from domain.partners.stores.keys import PartnerKeyStore
from domain.partners.stores.operations import OperationStore
from domain.partners.stores.organisations import OrganisationStore
from domain.partners.stores.usage import UsageStore
from graphql_api.partners.mutations.keys import PartnerKeyMutation
from graphql_api.partners.mutations.operations import OperationMutation
from graphql_api.partners.mutations.organisations import OrganisationMutation
from graphql_api.partners.prices import PRICES as PARTNER_PRICES
from graphql_api.partners.queries import PartnerQuery
from graphql_api.partners.types import HANDLERS as PARTNER_HANDLERS


def build(kit: Kit) -> Sequence[object]:
    services, store, trusted = kit.services, OrganisationStore(), kit.settings.auth.session_policy.trusted
    key_store, operations, usage = PartnerKeyStore(), OperationStore(), UsageStore()
    security = services.get(SecurityLog)
    organisations = OrganisationService(
        store, services.get(AccountDirectory), security, services.get(Idempotency), kit.clock
    )
    keys = PartnerKeyService(key_store, store, organisations, security, kit.clock, trusted)
    proofs: Mapping[Credential, Proofs] = {
        Credential.SESSION: services.get(SessionService),
        Credential.API_KEY: services.get(ApiKeyService),
        Credential.PARTNER_KEY: keys,
    }
    marks = {API_KEY.mark: Credential.API_KEY, PARTNER_KEY.mark: Credential.PARTNER_KEY}
    safelist = OperationSafelist(operations, kit.clock, trusted)
    return [
        organisations,
        keys,
        safelist,
        OperationRegistry(operations, organisations, safelist, kit.transactions, kit.clock),
        PartnerUsage(usage, organisations, kit.clock),
        PartnerPersonalData(store, key_store, operations, usage, services.get(PersonalRecords)),
        Authentication(proofs, marks),
    ]


AREA = Area(
    name="partners",
    documents=[OrganisationDocument, PartnerKeyDocument, OperationDocument, UsageDocument],
    build=build,
    personal=PartnerPersonalData,
    queries=[PartnerQuery],
    mutations=[OrganisationMutation, PartnerKeyMutation, OperationMutation],
    handlers=PARTNER_HANDLERS,
    prices=PARTNER_PRICES,
)
