"""The GraphQL documents of `cadenza partner`."""

CREATE = """
mutation CreateOrganisation($input: CreateOrganisationInput!) {
  createOrganisation(input: $input) {
    __typename
    ... on CreateOrganisationSuccess { organisation { id name } }
    ... on Problem { code message }
  }
}
"""

RENAME = """
mutation RenameOrganisation($input: RenameOrganisationInput!) {
  renameOrganisation(input: $input) { __typename ... on Problem { code message } }
}
"""

DELETE = """
mutation DeleteOrganisation($input: DeleteOrganisationInput!) {
  deleteOrganisation(input: $input) { __typename ... on Problem { code message } }
}
"""

ORGANISATIONS = "query Organisations { organisations { id name role } }"

MEMBERS = """
query Members($id: ID!) {
  node(id: $id) { ... on Organisation { members { email displayName role since } } }
}
"""

CHANGE_ROLE = """
mutation ChangeRole($input: ChangeOrganisationMemberRoleInput!) {
  changeOrganisationMemberRole(input: $input) { __typename ... on Problem { code message } }
}
"""

INVITE = """
mutation Invite($input: InviteOrganisationMemberInput!) {
  inviteOrganisationMember(input: $input) {
    __typename
    ... on InviteOrganisationMemberSuccess { invitation { email expiresAt } }
    ... on Problem { code message }
  }
}
"""

INVITATIONS = """
query Invitations($id: ID!) {
  node(id: $id) { ... on Organisation { invitations { id email role expiresAt } } }
}
"""

REVOKE_INVITATION = """
mutation RevokeInvitation($input: RevokeOrganisationInvitationInput!) {
  revokeOrganisationInvitation(input: $input) { __typename ... on Problem { code message } }
}
"""

RECEIVED = "query Received { receivedOrganisationInvitations { organisationName role expiresAt } }"

ACCEPT = """
mutation Accept($input: AcceptOrganisationInvitationInput!) {
  acceptOrganisationInvitation(input: $input) {
    __typename
    ... on AcceptOrganisationInvitationSuccess { organisation { id } }
    ... on Problem { code message }
  }
}
"""

DECLINE = """
mutation Decline($input: DeclineOrganisationInvitationInput!) {
  declineOrganisationInvitation(input: $input) { __typename ... on Problem { code message } }
}
"""

REMOVE_MEMBER = """
mutation RemoveMember($input: RemoveOrganisationMemberInput!) {
  removeOrganisationMember(input: $input) { __typename ... on Problem { code message } }
}
"""

KEYS = """
query PartnerKeys($id: ID!) {
  node(id: $id) { ... on Organisation { keys { id name prefix scopes expiresAt lastUsedAt } } }
}
"""

CREATE_KEY = """
mutation CreatePartnerKey($input: CreatePartnerKeyInput!) {
  createPartnerKey(input: $input) {
    __typename
    ... on CreatePartnerKeySuccess { secret partnerKey { id } }
    ... on Problem { code message }
  }
}
"""

REVOKE_KEY = """
mutation RevokePartnerKey($input: RevokePartnerKeyInput!) {
  revokePartnerKey(input: $input) { __typename ... on Problem { code message } }
}
"""

REGISTER = """
mutation RegisterOperations($input: RegisterOperationsInput!) {
  registerOperations(input: $input) {
    __typename
    ... on RegisterOperationsSuccess { operations { documentId name type cost aliases } }
    ... on OperationsRefused { code message refused { index name reasons } }
    ... on Problem { code message }
  }
}
"""

OPERATIONS = """
query Operations($id: ID!, $after: String) {
  node(id: $id) {
    ... on Organisation {
      registeredOperations(first: 100, after: $after) {
        edges { node { id documentId name type cost registeredAt } }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
}
"""

USAGE = """
query PartnerUsage($id: ID!, $from: Date!, $to: Date!) {
  partnerUsage(organisationId: $id, from: $from, to: $to) {
    total { calls cost errors }
    days { day usage { calls cost errors } }
    operations { documentId name usage { calls cost errors } }
  }
}
"""

RETIRE = """
mutation RetireOperations($input: RetireOperationsInput!) {
  retireOperations(input: $input) {
    __typename
    ... on RetireOperationsSuccess { retiredCount }
    ... on Problem { code message }
  }
}
"""
