"""The GraphQL documents that the command sends."""

SIGN_UP = """
mutation SignUp($input: SignUpInput!) {
  signUp(input: $input) {
    __typename
    ... on SignUpSuccess { session { accessToken } }
    ... on Problem { code message }
  }
}
"""

SIGN_IN = """
mutation SignIn($input: SignInInput!) {
  signIn(input: $input) {
    __typename
    ... on SignInSuccess { session { accessToken } }
    ... on Problem { code message }
  }
}
"""

GENERATE = """
mutation Generate($input: GenerateTrackInput!) {
  generateTrack(input: $input) {
    __typename
    ... on GenerateTrackSuccess { job { id trackId seed } }
    ... on Problem { code message }
    ... on ValidationFailed { issues { path message } }
  }
}
"""

PROGRESS = """
subscription Progress($jobId: ID!, $after: ID) {
  jobProgress(jobId: $jobId, afterEventId: $after) {
    eventId status stage progress etaSeconds isPlayable attempt
    problem { code message }
  }
}
"""

RESULT = """
query Result($jobId: ID!, $trackId: ID!) {
  job(id: $jobId) {
    stageTimes { stage seconds }
    ... on GenerationJob {
      seed modelId
      brief {
        genre mood bpm keyScale meter instruments excludedInstruments energy instrumental
        sources { field source }
      }
      track {
        id title artist genre
        currentVersion {
          durationSeconds bpm keyScale meter
          analysis { loudnessLufs truePeakDbtp tempoBpm tempoConfidence key keyConfidence }
        }
      }
    }
  }
  playback(trackId: $trackId) { hlsUrl downloads { kind label url contentType sizeBytes } }
}
"""

PLAYBACK = """
query Playback($trackId: ID!) { playback(trackId: $trackId) { hlsUrl durationSeconds } }
"""

CANCEL = """
mutation Cancel($input: CancelJobInput!) {
  cancelJob(input: $input) { __typename ... on Problem { code message } }
}
"""

JOBS = """
query Jobs($first: Int!) {
  jobs(first: $first) {
    edges { node {
      id status stage progress attempt createdAt
      problem { code message }
      ... on GenerationJob { prompt title durationSeconds }
    } }
  }
}
"""

MODELS = """
query Models { models { id name description licence maxDurationSeconds isReady } }
"""
