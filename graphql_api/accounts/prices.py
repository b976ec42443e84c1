"""What the fields of accounts cost: a password's hash takes tens of milliseconds of CPU, a provider takes requests."""

from graphql_api.core.documents.prices import Price, Prices

PRICES: Prices = {
    "Mutation.signUp": Price(50),
    "Mutation.signIn": Price(50),
    "Mutation.startProviderSignIn": Price(25),
    "Mutation.completeProviderSignIn": Price(100),
    "Mutation.startProviderLink": Price(50),
    "Mutation.completeProviderLink": Price(100),
    "Mutation.changePassword": Price(100),
    "Mutation.resetPassword": Price(50),
    "Mutation.changeEmail": Price(50),
    "Mutation.enrolSecondFactor": Price(50),
    "Mutation.disableSecondFactor": Price(50),
}
