"""The queries that are measured."""

VIEWER = "{ viewer { id email displayName } }"
TRACKS = """{ tracks(first: 20) { edges { cursor node {
  id title artist genre createdAt currentVersion { id bpm keyScale durationSeconds modelId }
} } pageInfo { hasNextPage } } }"""
