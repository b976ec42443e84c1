"""What the fields of accounts cost: a password's hash takes tens of milliseconds of CPU."""

from graphql_api.core.prices import Price, Prices

PRICES: Prices = {
    "Mutation.signUp": Price(50),
    "Mutation.signIn": Price(50),
    "Mutation.changePassword": Price(100),
    "Mutation.resetPassword": Price(50),
    "Mutation.changeEmail": Price(50),
    "Mutation.enrolSecondFactor": Price(50),
    "Mutation.disableSecondFactor": Price(50),
}
