"""What smart playlists of a library of 100,000 tracks take, by what their rules ask."""

import random
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from domain.kit.ids import new_id

QUERY = """query($rule: SmartRuleInput!, $sort: TrackSort, $after: String) {
  smartPlaylistPreview(rule: $rule, sort: $sort, first: 20, after: $after) {
    edges { cursor node { id title artist genre tags createdAt currentVersion { durationSeconds bpm } } }
    pageInfo { hasNextPage }
  }
}"""
LIKED, PLAYED = 2_000, 20_000

Condition = dict[str, Any]


def rule(*conditions: Condition, join: str = "ALL", groups: Sequence[Condition] = ()) -> Condition:
    return {"join": join, "conditions": list(conditions), "groups": list(groups)}


def rules(word: Callable[[int, int], str], chance: random.Random) -> dict[str, Callable[[], Condition]]:
    """By what they ask; numbers and words are others each time."""

    def high() -> Condition:
        return {"energy": {"atLeast": chance.uniform(0.3, 0.7)}}

    def tempo() -> Condition:
        begin = chance.randint(60, 170)
        return {"bpm": {"atLeast": begin, "atMost": begin + 3}}

    def by(*names: str) -> Condition:
        return {"join": "ANY", "conditions": [{"genres": [name]} for name in names]}

    return {
        "one genre": lambda: rule({"genres": ["jazz"]}),
        "one artist": lambda: rule({"artist": {"oneOf": [f"{word(0, 50)} ensemble"]}}),
        "a word of the title": lambda: rule({"title": {"hasWords": word(0, 2_000)}}),
        "the beginning of a title": lambda: rule({"title": {"beginsWith": word(0, 20_000)[:3]}}),
        "tempo, key and length": lambda: rule(
            tempo(), {"keys": ["Ebmaj"]}, {"durationSeconds": {"atLeast": 60, "atMost": 120}}
        ),
        "energy and cheerfulness": lambda: rule(high(), {"valence": {"atMost": 0.4}}),
        "energy that 100 tracks have": lambda: rule({"energy": {"atLeast": 0.999}}),
        "two common conditions that hardly a track fits": lambda: rule(
            {"energy": {"atLeast": 0.9}}, {"danceability": {"atMost": 0.1}}, {"valence": {"atLeast": 0.9}}
        ),
        "not this genre, two others' tempo": lambda: rule(
            {"genres": ["jazz"], "not": True}, groups=[by("folk", "funk")]
        ),
        "any of three rare things": lambda: rule(
            {"text": word(10_000, 20_000)}, tempo(), {"text": word(10_000, 20_000)}, join="ANY"
        ),
        "made within a year": lambda: rule({"createdAt": {"withinDays": 365}}, {"kinds": ["UPLOADED"]}),
        "liked": lambda: rule({"isLiked": True}),
        "not liked, energetic": lambda: rule({"isLiked": False}, high()),
        "never played": lambda: rule({"playCount": {"atMost": 0}}),
        "played three times or more": lambda: rule({"playCount": {"atLeast": 3}}),
        "not played for a month": lambda: rule({"lastPlayedAt": {"withinDays": 30}, "not": True}),
    }


def listened(track_ids: Sequence[str], owner: str, now: Any, chance: random.Random) -> tuple[list[Any], list[Any]]:
    """Likes and plays as they lie there: 2,000 likes, and 20,000 plays of a fifth of the tracks in 90 days."""
    likes = [
        {
            "_id": f"{owner}:{each}",
            "place": new_id(),
            "account_id": owner,
            "track_id": each,
            "track_owner_id": owner,
            "liked_at": now,
            "is_liked": True,
            "is_counted": True,
            "is_pending": False,
        }
        for each in chance.sample(track_ids, min(LIKED, len(track_ids) // 50))
    ]
    heard = track_ids[:: max(1, len(track_ids) // 20_000) * 5]
    plays = [
        {
            "_id": new_id(),
            "track_id": chance.choice(heard),
            "owner_id": owner,
            "version_id": None,
            "listener_id": owner,
            "began_at": now - timedelta(minutes=chance.randrange(90 * 24 * 60)),
            "heard_seconds": 60.0,
            "is_counted": True,
        }
        for _ in range(PLAYED)
    ]
    return likes, plays
