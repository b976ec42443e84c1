"""Songs that are extended, repainted, layered and varied through the public API and the worker."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from strawberry.relay.utils import from_base64, to_base64

from domain.credits.services.wallets import CreditWallets
from domain.kit.ids import new_id
from tests.graphql.harness import Api, Person
from tests.library.factories import add_track
from tests.uploads.bringing import brought
from tests.uploads.sounds import encoded, tones

GENERATE = """mutation($input: GenerateTrackInput!) { generateTrack(input: $input) {
  ... on GenerateTrackSuccess { job { trackId versionId edit { __typename } } } ... on Problem { code message }
} }"""
JOB = """query($id: ID!) { job(id: $id) {
  status stage progress attempt problem { code message } creditsHeld creditsCharged
  ... on GenerationJob { prompt title seed modelId durationSeconds versionId trackId
    brief { genre mood bpm keyScale meter instruments excludedInstruments }
    edit { __typename ... on Extension { seconds } ... on Repaint { fromSeconds toSeconds } ... on Layer { instrument }
      ... on Variation { amount } }
    version { id kind durationSeconds bpm keyScale meter modelId seed parent { id } } } } }"""
TREE = """query($id: ID!) { track(id: $id) { title versionCount revision currentVersion { id } } }"""
CANCEL = """mutation($input: CancelJobInput!) { cancelJob(input: $input) { __typename } }"""
MUTATIONS = {
    "extendTrack": "ExtendTrack",
    "repaintTrack": "RepaintTrack",
    "addLayer": "AddLayer",
    "varyTrack": "VaryTrack",
}
QUOTES = {
    "quoteExtension": "ExtendTrack",
    "quoteRepaint": "RepaintTrack",
    "quoteLayer": "AddLayer",
    "quoteVariation": "VaryTrack",
}
# One of each that fits a song of 16 seconds and eight bars.
WISHES: Mapping[str, dict[str, Any]] = {
    "extendTrack": {"seconds": 8.0},
    "repaintTrack": {"fromSeconds": 5.0, "toSeconds": 9.0},
    "addLayer": {"instrument": "violin"},
    "varyTrack": {"amount": 0.25},
}
KINDS = {"extendTrack": "EXTENDED", "repaintTrack": "REPAINTED", "addLayer": "LAYERED", "varyTrack": "VARIED"}
BAR_BEATS = 4


async def asked(person: Person, mutation: str, version: str, **fields: Any) -> dict[str, Any]:
    kind = MUTATIONS[mutation]
    document = f"""mutation($input: {kind}Input!) {{ {mutation}(input: $input) {{
      __typename ... on {kind}Success {{ job {{ id trackId versionId }} }}
      ... on Problem {{ code message }} ... on ValidationFailed {{ issues {{ path message }} }}
      ... on PlanLimit {{ field limit }}
    }} }}"""
    answer = (await person.client.data(document, input={"versionId": version, **fields}))[mutation]
    assert isinstance(answer, dict)
    return answer


async def a_song(api: Api, person: Person, **fields: Any) -> tuple[str, str]:
    """The global ids of a track and of its version: 16 seconds, eight bars."""
    wish = {"prompt": "calm jazz piano", "durationSeconds": 16.0, "bpm": 120, "keyScale": "A minor", **fields}
    job = (await person.client.data(GENERATE, input={"meter": "4/4", **wish}))["generateTrack"]["job"]
    assert job["edit"] is None
    await api.world.work_off()
    return job["trackId"], job["versionId"]


async def ended(api: Api, person: Person, job: Mapping[str, Any]) -> dict[str, Any]:
    """The job once a worker is done with it."""
    await api.world.work_off()
    found = (await person.client.data(JOB, id=job["id"]))["job"]
    assert isinstance(found, dict)
    return found


async def score_of(api: Api, version: str) -> dict[str, Any]:
    _, local = from_base64(version)
    (record,) = [record for record in await api.world.documents("versions") if record["_id"] == local]
    (key,) = [asset["key"] for asset in record["assets"] if asset["kind"] == "SCORE"]
    score = json.loads(api.world.blobs.objects[key][0])
    assert isinstance(score, dict)
    return score


def bars(score: Mapping[str, Any]) -> dict[str, dict[int, list[Any]]]:
    """The notes of each track by the bar that they begin in."""
    found: dict[str, dict[int, list[Any]]] = {}
    for track in score["tracks"]:
        found[track["id"]] = {}
        for note in track["notes"]:
            found[track["id"]].setdefault(int(note[0] // BAR_BEATS), []).append(note)
    return found


def bars_that_differ(before: Mapping[str, Any], after: Mapping[str, Any]) -> set[int]:
    """In any of the tracks that were there before."""
    one, other = bars(before), bars(after)
    return {bar for name in one for bar in {*one[name], *other[name]} if one[name].get(bar) != other[name].get(bar)}


@pytest.mark.parametrize("model", ["composer", "score-tiny"])
@pytest.mark.parametrize("mutation", MUTATIONS)
async def test_a_change_makes_one_more_version_and_leaves_the_first_alone(api: Api, mutation: str, model: str) -> None:
    # given a finished song of either model
    ada = await api.person()
    track, parent = await a_song(api, ada, modelId=model, title="Rain")
    before = await score_of(api, parent)
    # when it is changed
    job = (await asked(ada, mutation, parent, **WISHES[mutation], seed=5))["job"]
    assert job["trackId"] == track
    done = await ended(api, ada, job)
    # then there is another version, as long as it has to be, in the same tempo, key and meter
    seconds = 24.0 if mutation == "extendTrack" else 16.0
    assert (done["status"], done["stage"], done["creditsHeld"]) == ("SUCCEEDED", "DONE", 0)
    assert done["version"] == {
        "id": job["versionId"],
        "kind": KINDS[mutation],
        "durationSeconds": pytest.approx(seconds, abs=0.001),
        "bpm": 120.0,
        "keyScale": "A minor",
        "meter": "4/4",
        "modelId": "score-tiny",
        "seed": 5,
        "parent": {"id": parent},
    }
    assert (done["prompt"], done["title"], done["durationSeconds"]) == ("", "Rain", seconds)
    assert {**done["edit"], "__typename": ""} == {**WISHES[mutation], "__typename": ""}
    # and the track still plays the first, which is as it was
    tree = (await ada.client.data(TREE, id=track))["track"]
    assert tree == {"title": "Rain", "versionCount": 2, "revision": 1, "currentVersion": {"id": parent}}
    assert await score_of(api, parent) == before
    # and of the music only that is another which was to be
    after = await score_of(api, job["versionId"])
    if mutation == "extendTrack":
        assert bars_that_differ(before, after) == {8, 9, 10, 11}
    if mutation == "repaintTrack":
        assert bars_that_differ(before, after) == {2, 3, 4}
    if mutation == "addLayer":
        assert bars_that_differ(before, after) == set()
        assert set(bars(after)) - set(bars(before)) == {"violin"}
        assert set(bars(after)["violin"]) == set(range(8))
    if mutation == "varyTrack":
        assert len(bars_that_differ(before, after)) == 2


async def test_a_changed_version_can_be_changed_again_and_become_current(api: Api) -> None:
    ada = await api.person()
    track, first = await a_song(api, ada)
    second = (await asked(ada, "addLayer", first, instrument="violin"))["job"]
    await ended(api, ada, second)
    third = (await asked(ada, "addLayer", second["versionId"], instrument="violin", makeCurrent=True))["job"]
    done = await ended(api, ada, third)
    assert done["version"]["parent"] == {"id": second["versionId"]}
    assert list(bars(await score_of(api, third["versionId"]))) == ["chords", "bass", "violin", "violin 2"]
    tree = (await ada.client.data(TREE, id=track))["track"]
    assert (tree["versionCount"], tree["revision"], tree["currentVersion"]) == (3, 2, {"id": third["versionId"]})


async def test_an_instruction_is_read_like_a_prompt_and_tempo_key_and_meter_stay(api: Api) -> None:
    ada = await api.person()
    _, parent = await a_song(api, ada, mood="dreamy")
    words = "happy reggae in F# major, 6/8, 90 bpm, with strings, no flute"
    done = await ended(api, ada, (await asked(ada, "varyTrack", parent, instruction=words))["job"])
    assert done["prompt"] == words
    assert done["brief"] == {
        "genre": "reggae",
        "mood": "happy",
        "bpm": 120.0,
        "keyScale": "A minor",
        "meter": "4/4",
        "instruments": ["strings"],
        "excludedInstruments": ["flute"],
    }
    # and without words it stays what it was
    plain = await ended(api, ada, (await asked(ada, "varyTrack", parent, instruction=" "))["job"])
    assert (plain["brief"]["genre"], plain["brief"]["mood"]) == ("jazz", "dreamy")


async def test_a_change_costs_what_the_whole_song_costs_and_its_quote_says_so(api: Api) -> None:
    # given a song of 16 seconds, which cost four credits
    ada = await api.person()
    _, parent = await a_song(api, ada)
    wallets = api.world.get(CreditWallets)
    assert (await wallets.balance(ada.caller)).available == 496
    before = await api.contents()
    # when quotes are asked for
    for (quote, kind), mutation in zip(QUOTES.items(), MUTATIONS, strict=True):
        document = f"query($input: {kind}Input!) {{ {quote}(input: $input) {{ credits availableCredits }} }}"
        wish = {"versionId": parent, **WISHES[mutation]}
        told = (await ada.client.data(document, input=wish))[quote]
        assert told == {"credits": 5 if mutation == "extendTrack" else 4, "availableCredits": 496}
    # then nothing has changed
    assert await api.contents() == before
    # and when it is done, the same was held and charged
    job = (await asked(ada, "extendTrack", parent, seconds=8.0))["job"]
    assert (await wallets.balance(ada.caller)).held == 5
    assert (await ended(api, ada, job))["creditsCharged"] == 5
    assert (await wallets.balance(ada.caller)).available == 491


async def test_a_quote_answers_like_asking(api: Api) -> None:
    ada = await api.person()
    _, parent = await a_song(api, ada)
    document = "query($input: ExtendTrackInput!) { quoteExtension(input: $input) { credits } }"
    for wish, code in (
        ({"versionId": parent, "seconds": 0.1}, "VALIDATION_FAILED"),
        ({"versionId": parent, "seconds": 300.0}, "PLAN_LIMIT"),
        ({"versionId": to_base64("Version", new_id()), "seconds": 8.0}, "NOT_FOUND"),
    ):
        assert (await ada.client.error(document, input=wish))["code"] == code
    wish = {"versionId": parent, "seconds": 8.0}
    assert (await api.anonymous.error(document, input=wish))["code"] == "UNAUTHENTICATED"


REFUSED: list[tuple[str, dict[str, Any], tuple[str, str]]] = [
    ("extendTrack", {"seconds": -1.0}, ("seconds", "seconds must be between 1 and 600 seconds, not -1.")),
    ("extendTrack", {"seconds": 1.5}, ("seconds", "A bar of this song takes 2 seconds; ask for at least one.")),
    ("extendTrack", {"seconds": 590.0}, ("seconds", "The song has 16 seconds, and at most 600 in all.")),
    (
        "repaintTrack",
        {"fromSeconds": -1.0, "toSeconds": 5.0},
        ("fromSeconds", "fromSeconds must be between 0 and 600 seconds, not -1."),
    ),
    (
        "repaintTrack",
        {"fromSeconds": 5.0, "toSeconds": 5.0},
        ("toSeconds", "toSeconds must be greater than fromSeconds."),
    ),
    (
        "repaintTrack",
        {"fromSeconds": 0.0, "toSeconds": 121.0},
        ("toSeconds", "At most 120 seconds are repainted at once."),
    ),
    (
        "repaintTrack",
        {"fromSeconds": 10.0, "toSeconds": 20.0},
        ("toSeconds", "The song ends at 16 seconds, before 20."),
    ),
    (
        "repaintTrack",
        {"fromSeconds": 4.0, "toSeconds": 5.0},
        ("toSeconds", "A bar of this song takes 2 seconds; ask for at least one."),
    ),
    (
        "repaintTrack",
        {"fromSeconds": 1.9, "toSeconds": 14.1},
        ("toSeconds", "That is the whole song. Choose less, or use varyTrack for another take on it."),
    ),
    (
        "addLayer",
        {"instrument": "violin", "instruction": "brighter, no violin"},
        ("instrument", "Wanted, and left out in the instruction: violin."),
    ),
    ("varyTrack", {"amount": 0.0}, ("amount", "amount must be between 0.05 and 1, not 0.")),
    ("varyTrack", {"amount": 1.1}, ("amount", "amount must be between 0.05 and 1, not 1.1.")),
    ("varyTrack", {"seed": -1}, ("seed", "seed must be between 0 and 2147483647, not -1.")),
    (
        "varyTrack",
        {"instruction": "p" * 2001},
        ("instruction", "The instruction has 2,001 characters; at most 2,000 are read."),
    ),
    ("varyTrack", {"idempotencyKey": ""}, ("idempotencyKey", "An idempotency key has 1 to 255 characters.")),
]


async def test_a_change_that_does_not_fit_is_refused_and_changes_nothing(api: Api, subtests: pytest.Subtests) -> None:
    ada = await api.person()
    _, parent = await a_song(api, ada)
    before = await api.contents()
    for mutation, fields, (path, message) in REFUSED:
        with subtests.test(mutation, **fields):
            assert await asked(ada, mutation, parent, **fields) == {
                "__typename": "ValidationFailed",
                "code": "VALIDATION_FAILED",
                "message": message,
                "issues": [{"path": path, "message": message}],
            }
    unknown = await asked(ada, "addLayer", parent, instrument="kazoo")
    assert [issue["path"] for issue in unknown["issues"]] == ["instrument"]
    assert unknown["message"].startswith("'kazoo' is not known here. Choose one of: ")
    malformed = await asked(ada, "varyTrack", to_base64("Track", new_id()))
    assert [issue["path"] for issue in malformed["issues"]] == ["versionId"]
    assert await api.contents() == before
    assert api.world.queue.messages == []


async def test_no_more_seconds_than_the_plan_has(api: Api) -> None:
    ada = await api.person()
    _, parent = await a_song(api, ada)
    before = await api.contents()
    assert await asked(ada, "extendTrack", parent, seconds=290.0) == {
        "__typename": "PlanLimit",
        "code": "PLAN_LIMIT",
        "message": "The Free plan allows seconds up to 284. A larger plan allows more.",
        "field": "seconds",
        "limit": 284.0,
    }
    assert await api.contents() == before


@pytest.mark.parametrize("mutation", MUTATIONS)
async def test_what_has_no_score_cannot_be_changed(api: Api, mutation: str) -> None:
    # given a recording that was brought
    ada = await api.person()
    await brought(api.world, ada.caller, encoded(tones(16.0)), "hum.wav", "Hum")
    await api.world.work_off()
    (record,) = await api.world.documents("versions")
    before = await api.contents()
    # when it is to be changed, then the answer says what to do instead
    answer = await asked(ada, mutation, to_base64("Version", record["_id"]), **WISHES[mutation])
    assert answer == {
        "__typename": "NoScore",
        "code": "NO_SCORE",
        "message": "This version is a recording without a score, so there are no notes to change. Choose a version "
        "that was generated here, or make a new one with generateTrack and this version as parentVersionId.",
    }
    assert await api.contents() == before


@pytest.mark.parametrize("mutation", MUTATIONS)
async def test_versions_of_others_cannot_be_changed(api: Api, mutation: str) -> None:
    ada, eve = await api.person(), await api.person("Eve")
    _, parent = await a_song(api, ada)
    before = await api.contents()
    assert (await asked(eve, mutation, parent, **WISHES[mutation]))["code"] == "NOT_FOUND"
    nobody = Person(ada.caller, api.anonymous, ada.email)
    assert (await asked(nobody, mutation, parent, **WISHES[mutation]))["code"] == "UNAUTHENTICATED"
    assert await api.contents() == before


async def test_a_key_used_again_gives_the_first_job_and_belongs_to_one_mutation(api: Api) -> None:
    ada = await api.person()
    _, parent = await a_song(api, ada)
    first = await asked(ada, "varyTrack", parent, idempotencyKey="once")
    assert await asked(ada, "varyTrack", parent, idempotencyKey="once") == first
    before = await api.contents()
    for mutation, fields in (("varyTrack", {"amount": 0.6}), ("addLayer", {"instrument": "violin"})):
        other = await asked(ada, mutation, parent, idempotencyKey="once", **fields)
        assert other["code"] == "IDEMPOTENCY_CONFLICT"
    assert await api.contents() == before


async def test_the_next_attempt_goes_on_behind_the_changed_score(api: Api) -> None:
    # given a change that broke while it was rendered
    ada = await api.person()
    _, parent = await a_song(api, ada)
    job = (await asked(ada, "varyTrack", parent))["job"]
    api.world.engine.fail_at_chunk = 2
    await api.world.work_one()
    assert (api.world.engine.composed, api.world.engine.rendered) == (2, 2)
    # when the next attempt runs, then it renders the same score
    api.world.engine.fail_at_chunk = None
    done = await ended(api, ada, job)
    assert (done["status"], done["attempt"]) == ("SUCCEEDED", 2)
    assert (api.world.engine.composed, api.world.engine.rendered) == (2, 3)


async def test_what_the_model_refuses_is_told_in_its_words_and_costs_nothing(api: Api) -> None:
    # given a song with as many instruments as there may be
    ada = await api.person()
    _, version = await a_song(api, ada)
    for _ in range(6):
        job = (await asked(ada, "addLayer", version, instrument="violin"))["job"]
        version = (await ended(api, ada, job))["versionId"]
    available = (await api.world.get(CreditWallets).balance(ada.caller)).available
    # when there is to be one more
    done = await ended(api, ada, (await asked(ada, "addLayer", version, instrument="cello"))["job"])
    # then the job says why not, and the credits are back
    assert (done["status"], done["problem"]) == (
        "FAILED",
        {
            "code": "ENGINE_REFUSED",
            "message": "The music model could not make this song: the song has 8 tracks already, and more do not fit",
        },
    )
    assert (await api.world.get(CreditWallets).balance(ada.caller)).available == available


async def test_a_model_that_is_away_fails_the_change_like_any_outage(api: Api) -> None:
    ada = await api.person()
    _, parent = await a_song(api, ada)
    api.world.engine.lacks = ("score_tiny",)
    done = await ended(api, ada, (await asked(ada, "varyTrack", parent))["job"])
    assert (done["status"], done["problem"]["code"], done["creditsCharged"]) == ("FAILED", "DEPENDENCY_UNAVAILABLE", 0)


async def test_a_change_can_be_canceled(api: Api) -> None:
    ada = await api.person()
    track, parent = await a_song(api, ada)
    job = (await asked(ada, "varyTrack", parent))["job"]
    await ada.client.data(CANCEL, input={"jobId": job["id"]})
    done = await ended(api, ada, job)
    assert (done["status"], done["creditsHeld"], done["creditsCharged"]) == ("CANCELED", 0, 0)
    assert (await ada.client.data(TREE, id=track))["track"]["versionCount"] == 1


async def test_a_generated_version_whose_score_was_never_kept_has_none(api: Api) -> None:
    ada = await api.person()
    track = await add_track(api.world, ada.caller)
    answer = await asked(ada, "varyTrack", to_base64("Version", track.current_version_id))
    assert answer["code"] == "NO_SCORE"
