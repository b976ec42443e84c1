"""What the fields of uploads cost: storage is asked what has arrived, and each address is signed.

A cover is decoded while the client waits.
"""

from graphql_api.core.documents.prices import Price, Prices

PRICES: Prices = {
    "Mutation.createUpload": Price(20),
    "Mutation.completeUpload": Price(50),
    "Mutation.createCoverUpload": Price(20),
    "Mutation.setCover": Price(100),
    "Upload.missingParts": Price(10, size=8),
}
