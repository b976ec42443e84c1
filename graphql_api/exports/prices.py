"""What exports cost: the password's hash takes tens of milliseconds of CPU."""

from graphql_api.core.documents.prices import Price, Prices

PRICES: Prices = {
    "Mutation.requestAccountExport": Price(100),
    "AccountExportJob.download": Price(2),
}
