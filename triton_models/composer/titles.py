"""Short evocative titles drawn from mood, energy and seed."""

from typing import Final

import numpy as np

from triton_models.composer.randomness import pick

_ADJECTIVES: Final = {
    (False, False): ("Quiet", "Golden", "Soft", "Paper", "Early", "Amber", "Slow", "Silver", "Tender", "Open"),
    (False, True): ("Bright", "Electric", "Running", "Summer", "Neon", "Rising", "Wild", "Open", "Painted", "High"),
    (True, False): ("Faded", "Hollow", "Distant", "Winter", "Blue", "Silent", "Misty", "Last", "Grey", "Lost"),
    (True, True): ("Burning", "Iron", "Midnight", "Broken", "Black", "Stormy", "Restless", "Falling", "Cold", "Red"),
}
_NOUNS: Final = {
    False: (
        "Garden",
        "Window",
        "River",
        "Morning",
        "Letter",
        "Harbour",
        "Meadow",
        "Lantern",
        "Snow",
        "Tide",
        "Orchard",
        "Hours",
        "Island",
        "Shoreline",
        "Feather",
    ),
    True: (
        "City",
        "Engine",
        "Horizon",
        "Avenue",
        "Signal",
        "Parade",
        "Skyline",
        "Comet",
        "Highway",
        "Carnival",
        "Machine",
        "Thunder",
        "Mirror",
        "Rocket",
        "Pulse",
    ),
}
_MOMENTS: Final = ("Dawn", "Midnight", "the Rain", "October", "Sundown", "the Storm", "Noon", "the Thaw")
_FORMS: Final = (
    "{adjective} {noun}",
    "{adjective} {noun}",
    "The {adjective} {noun}",
    "{noun} Before {moment}",
    "{adjective} {noun} After {moment}",
)


def compose_title(rng: np.random.Generator, minor: bool, energy: float) -> str:
    """A title of two to five words."""
    lively = energy >= 0.5
    return pick(rng, _FORMS).format(
        adjective=pick(rng, _ADJECTIVES[minor, lively]), noun=pick(rng, _NOUNS[lively]), moment=pick(rng, _MOMENTS)
    )
