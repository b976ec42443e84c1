"""The GraphQL documents of `cadenza webhooks`."""

CREATE_ENDPOINT = """
mutation CreateWebhookEndpoint($input: CreateWebhookEndpointInput!) {
  createWebhookEndpoint(input: $input) {
    __typename
    ... on CreateWebhookEndpointSuccess { secret endpoint { id url } }
    ... on Problem { code message }
  }
}
"""

ENDPOINTS = """
query WebhookEndpoints {
  webhookEndpoints(first: 100) { edges { node { id url events status failingSince description } } }
}
"""

REMOVE_ENDPOINT = """
mutation DeleteWebhookEndpoint($input: DeleteWebhookEndpointInput!) {
  deleteWebhookEndpoint(input: $input) { __typename ... on Problem { code message } }
}
"""

ENABLE_ENDPOINT = """
mutation EnableWebhookEndpoint($input: UpdateWebhookEndpointInput!) {
  updateWebhookEndpoint(input: $input) { __typename ... on Problem { code message } }
}
"""

SEND_TEST = """
mutation SendTestWebhook($input: SendTestWebhookInput!) {
  sendTestWebhook(input: $input) {
    __typename
    ... on SendTestWebhookSuccess { delivery { id } }
    ... on Problem { code message }
  }
}
"""

DELIVERY = """
query WebhookDelivery($id: ID!) {
  node(id: $id) {
    ... on WebhookDelivery {
      id messageId eventType status attempts createdAt nextAttemptAt
      lastAttempt { responseStatus problem durationSeconds responseExcerpt }
    }
  }
}
"""

DELIVERIES = """
query WebhookDeliveries($id: ID!, $first: Int!) {
  node(id: $id) {
    ... on WebhookEndpoint {
      deliveries(first: $first) {
        edges { node {
          id messageId eventType status attempts createdAt nextAttemptAt
          lastAttempt { responseStatus problem durationSeconds responseExcerpt }
        } }
      }
    }
  }
}
"""

REPLAY = """
mutation ReplayWebhookDeliveries($input: ReplayWebhookDeliveriesInput!) {
  replayWebhookDeliveries(input: $input) {
    __typename
    ... on ReplayWebhookDeliveriesSuccess { replayedCount }
    ... on Problem { code message }
  }
}
"""
