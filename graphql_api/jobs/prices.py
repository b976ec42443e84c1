"""What the fields of jobs cost: places in the queue are asked of Redis, and watching holds a connection."""

from graphql_api.core.documents.prices import Price, Prices

PRICES: Prices = {
    "Job.queuePosition": Price(1),
    "Job.etaSeconds": Price(1),
    "Job.stageTimes": Price(0),
    "JobProgress.queuePosition": Price(1),
    "Subscription.jobProgress": Price(10),
    "Subscription.myJobs": Price(10),
}
