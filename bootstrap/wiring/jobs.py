"""Jobs put together."""

from collections.abc import Sequence

from bootstrap.area import Area
from bootstrap.services import Kit
from domain.accounts.service import AccountService
from domain.credits.services.ledger import CreditLedger
from domain.credits.services.wallets import CreditWallets
from domain.idempotency.service import Idempotency
from domain.jobs.documents import JobDocument, OutboxDocument, StepDocument
from domain.jobs.services.accept import JobAcceptance
from domain.jobs.services.admit import JobAdmission
from domain.jobs.services.drive_again import JobDriving
from domain.jobs.services.end import JobEnding
from domain.jobs.services.follow import JobFollowing
from domain.jobs.services.follow_all import JobFeed
from domain.jobs.services.look_again import JobGlances
from domain.jobs.services.observe import JobObservers
from domain.jobs.services.personal_data import JobPersonalData
from domain.jobs.services.run import JobRunning
from domain.jobs.services.service_times import ServiceTimes
from domain.jobs.services.steps import JobSteps
from domain.jobs.services.sweep import JobSweeping
from domain.jobs.stores.jobs import JobStore
from domain.jobs.stores.personal import JobPersonalStore
from domain.jobs.stores.steps import StepStore
from graphql_api.jobs.mutations import JobMutation
from graphql_api.jobs.prices import PRICES as JOB_PRICES
from graphql_api.jobs.queries import JobQuery
from graphql_api.jobs.subscriptions import JobSubscription
from graphql_api.jobs.types import HANDLERS as JOB_HANDLERS
from jobs.core.meters import PrometheusJobMeter


def build(kit: Kit) -> Sequence[object]:
    store, steps = JobStore(), StepStore()
    ledger, idempotency = kit.services.get(CreditLedger), kit.services.get(Idempotency)
    meter = PrometheusJobMeter()
    times, admission = ServiceTimes(store, kit.clock), JobAdmission(store, kit.queue, meter)
    acceptance = JobAcceptance(
        store, ledger, idempotency, admission, times, kit.queue, kit.events, meter, kit.clock, kit.policy
    )
    observers = JobObservers()
    ending = JobEnding(store, steps, kit.transactions, ledger, observers, kit.events, meter, kit.clock)
    running = JobRunning(store, kit.transactions, kit.events, acceptance, ending, kit.clock, kit.policy)
    return [
        acceptance,
        observers,
        ending,
        running,
        JobSteps(running, steps, kit.clock),
        JobFollowing(store, ending, kit.queue, kit.events, kit.clock, JobGlances(store)),
        JobFeed(store, kit.events, kit.clock),
        JobDriving(
            store=store,
            transactions=kit.transactions,
            acceptance=acceptance,
            admission=admission,
            ledger=ledger,
            wallets=kit.services.get(CreditWallets),
            accounts=kit.services.get(AccountService),
            idempotency=idempotency,
            events=kit.events,
            meter=meter,
            clock=kit.clock,
            policy=kit.policy,
        ),
        JobSweeping(store, acceptance, running, ending, kit.queue, kit.clock),
        JobPersonalData(JobPersonalStore()),
    ]


AREA = Area(
    name="jobs",
    documents=[JobDocument, OutboxDocument, StepDocument],
    build=build,
    personal=JobPersonalData,
    queries=[JobQuery],
    mutations=[JobMutation],
    subscriptions=[JobSubscription],
    handlers=JOB_HANDLERS,
    prices=JOB_PRICES,
)
