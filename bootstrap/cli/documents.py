"""The GraphQL documents that the command sends."""

SIGN_UP = """
mutation SignUp($input: SignUpInput!) {
  signUp(input: $input) {
    __typename
    ... on SignUpSuccess { session { accessToken expiresAt refreshToken refreshExpiresAt } }
    ... on Problem { code message }
  }
}
"""

SIGN_IN = """
mutation SignIn($input: SignInInput!) {
  signIn(input: $input) {
    __typename
    ... on SignInSuccess { session { accessToken expiresAt refreshToken refreshExpiresAt } }
    ... on Problem { code message }
  }
}
"""

REFRESH = """
mutation Refresh($input: RefreshSessionInput!) {
  refreshSession(input: $input) {
    __typename
    ... on RefreshSessionSuccess { session { accessToken expiresAt refreshToken refreshExpiresAt } }
    ... on Problem { code message }
  }
}
"""

GENERATE = """
mutation Generate($input: GenerateTrackInput!) {
  generateTrack(input: $input) {
    __typename
    ... on GenerateTrackSuccess { job { id trackId versionId seed } }
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
query Result($jobId: ID!, $trackId: ID!, $versionId: ID) {
  job(id: $jobId) {
    stageTimes { stage seconds }
    ... on GenerationJob {
      seed modelId
      brief {
        genre mood bpm keyScale meter instruments excludedInstruments energy instrumental
        sources { field source }
      }
      track { id title artist genre }
      version {
        durationSeconds bpm keyScale meter
        analysis { loudnessLufs truePeakDbtp tempoBpm tempoConfidence key keyConfidence }
      }
    }
  }
  playback(trackId: $trackId, versionId: $versionId) { hlsUrl downloads { kind label url contentType sizeBytes } }
}
"""

PLAYBACK = """
query Playback($trackId: ID!) { playback(trackId: $trackId) { hlsUrl durationSeconds } }
"""

CREATE_UPLOAD = """
mutation CreateUpload($input: CreateUploadInput!) {
  createUpload(input: $input) {
    __typename
    ... on CreateUploadSuccess { upload { id missingParts { number offsetBytes sizeBytes url } } }
    ... on Problem { code message }
  }
}
"""

MISSING_PARTS = """
query MissingParts($id: ID!) { upload(id: $id) { missingParts { number offsetBytes sizeBytes url } } }
"""

COMPLETE_UPLOAD = """
mutation CompleteUpload($input: CompleteUploadInput!) {
  completeUpload(input: $input) {
    __typename
    ... on CompleteUploadSuccess { job { id trackId } }
    ... on Problem { code message }
  }
}
"""

UPLOAD_RESULT = """
query UploadResult($jobId: ID!, $trackId: ID!) {
  job(id: $jobId) {
    ... on UploadJob {
      track {
        title artist
        currentVersion {
          durationSeconds
          analysis { loudnessLufs truePeakDbtp tempoBpm tempoConfidence key keyConfidence }
        }
      }
    }
  }
  playback(trackId: $trackId) { hlsUrl }
}
"""

CANCEL = """
mutation Cancel($input: CancelJobInput!) {
  cancelJob(input: $input) { __typename ... on Problem { code message } }
}
"""

RETRY = """
mutation Retry($input: RetryJobInput!) {
  retryJob(input: $input) { __typename ... on Problem { code message } }
}
"""

REDRIVE = """
mutation Redrive($input: RedriveJobInput!) {
  redriveJob(input: $input) { __typename ... on Problem { code message } }
}
"""

DEAD_JOBS = """
query DeadJobs($first: Int!) {
  deadJobs(first: $first) { edges { node { jobId kind attempt code detail diedAt } } }
}
"""

MY_JOBS = """
subscription MyJobs($after: ID) {
  myJobs(afterEventId: $after) {
    eventId jobId status stage progress queuePosition isPlayable attempt
    problem { code message }
  }
}
"""

QUOTE = """
query Quote($input: GenerateTrackInput!) {
  quoteGeneration(input: $input) { credits availableCredits isAffordable expectedSeconds }
}
"""

JOBS = """
query Jobs($first: Int!) {
  jobs(first: $first) {
    edges { node {
      id status stage progress attempt createdAt creditsHeld creditsCharged
      problem { code message }
      ... on GenerationJob { prompt title durationSeconds }
      ... on UploadJob { upload { fileName } }
    } }
  }
}
"""

MODELS = """
query Models { models { id name description licence commercialUse isAllowed maxDurationSeconds isReady } }
"""

CREDITS = """
query Credits {
  credits { available held total planCredits packCredits plan { key name } periodEndsAt }
}
"""

CREDIT_HISTORY = """
query CreditHistory($first: Int!) {
  creditHistory(first: $first) {
    edges { node { kind availableChange heldChange availableAfter note createdAt } }
  }
}
"""

CREDIT_OFFER = """
query CreditOffer {
  creditPlans { key name monthlyCredits priceCents currency }
  creditPacks { key name credits priceCents currency }
}
"""

BUY_CREDITS = """
mutation BuyCredits($input: BuyCreditsInput!) {
  buyCredits(input: $input) {
    __typename
    ... on BuyCreditsSuccess { checkoutUrl order { id itemName amountCents currency } }
    ... on Problem { code message }
  }
}
"""

SUBSCRIBE = """
mutation SubscribeToPlan($input: SubscribeToPlanInput!) {
  subscribeToPlan(input: $input) {
    __typename
    ... on SubscribeToPlanSuccess { checkoutUrl order { id itemName amountCents currency } }
    ... on Problem { code message }
  }
}
"""

API_KEYS = """
query ApiKeys { apiKeys { id name prefix scopes createdAt expiresAt lastUsedAt } }
"""

CREATE_API_KEY = """
mutation CreateApiKey($input: CreateApiKeyInput!) {
  createApiKey(input: $input) {
    __typename
    ... on CreateApiKeySuccess { secret apiKey { id name prefix } }
    ... on Problem { code message }
  }
}
"""

REVOKE_API_KEY = """
mutation RevokeApiKey($input: RevokeApiKeyInput!) {
  revokeApiKey(input: $input) { __typename ... on Problem { code message } }
}
"""
