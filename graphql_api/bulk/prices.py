"""What bulk edits cost: the selection is one query and the edit one record, however many tracks there are."""

from graphql_api.core.documents.prices import Price, Prices

PRICES: Prices = {
    "Mutation.startBulkEdit": Price(50),
    "BulkEditJob.failures": Price(1, 100),
}
