"""Exports put together."""

from collections.abc import Sequence

from bootstrap.area import Area
from bootstrap.services import Kit
from domain.accounts.letters import LetterWriter
from domain.accounts.services.directory import AccountDirectory
from domain.accounts.services.proof import PasswordProof
from domain.accounts.services.security_log import SecurityLog
from domain.credits.services.wallets import CreditWallets
from domain.exports.documents import AccountArchiveDocument
from domain.exports.model import JOB_KIND as EXPORT_KIND
from domain.exports.services.look import ExportLooking
from domain.exports.services.pack import ExportPacking
from domain.exports.services.personal_data import ExportPersonalData
from domain.exports.services.request import ExportRequests
from domain.exports.services.tidy import ArchiveJanitor, ExportObserver
from domain.exports.store import ExportStore
from domain.jobs.services.accept import JobAcceptance
from domain.jobs.services.observe import JobObservers
from domain.jobs.services.run import JobRunning
from domain.kit.personal_data import PersonalRecords
from domain.mail.service import MailOutbox
from graphql_api.exports.mutations import ExportMutation
from graphql_api.exports.prices import PRICES as EXPORT_PRICES
from graphql_api.exports.types import HANDLERS as EXPORT_HANDLERS
from graphql_api.exports.types import AccountExportJob
from jobs.exports import export_account


def build(kit: Kit) -> Sequence[object]:
    services, store = kit.services, ExportStore()
    services.get(JobObservers).add(ExportObserver(store))
    requests = ExportRequests(
        store=store,
        proof=services.get(PasswordProof),
        security=services.get(SecurityLog),
        wallets=services.get(CreditWallets),
        acceptance=services.get(JobAcceptance),
        clock=kit.clock,
    )
    packing = ExportPacking(
        store=store,
        records=services.get(PersonalRecords),
        directory=services.get(AccountDirectory),
        letters=services.get(LetterWriter),
        outbox=services.get(MailOutbox),
        blobs=kit.blobs,
        intake=kit.intake,
        running=services.get(JobRunning),
        clock=kit.clock,
    )
    return [
        requests,
        packing,
        ExportLooking(store, kit.blobs, kit.clock),
        ArchiveJanitor(store, kit.blobs, kit.intake, kit.clock),
        ExportPersonalData(store, kit.blobs, kit.intake),
    ]


AREA = Area(
    name="exports",
    documents=[AccountArchiveDocument],
    build=build,
    personal=ExportPersonalData,
    mutations=[ExportMutation],
    types=[AccountExportJob],
    handlers=EXPORT_HANDLERS,
    jobs={EXPORT_KIND: export_account},
    presenters={EXPORT_KIND: AccountExportJob},
    prices=EXPORT_PRICES,
)
