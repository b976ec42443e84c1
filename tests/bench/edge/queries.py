"""The queries that are measured."""

VIEWER = "{ viewer { id email displayName } }"
WATCH = """subscription($id: ID!) { jobProgress(jobId: $id) {
  eventId status stage progress etaSeconds isPlayable attempt problem { code message }
} }"""
TRACKS = """{ tracks(first: 20) { edges { cursor node {
  id title artist genre createdAt currentVersion { id bpm keyScale durationSeconds modelId }
} } pageInfo { hasNextPage } } }"""
