"""Reading the OPTIONS document."""

import json

import pytest

from triton_models.renderer.errors import InvalidOptionsError
from triton_models.renderer.options import RenderOptions, RingOptions, options_from_json

RING = {"name": "cadenza-ring-1", "slots": 8, "slot_bytes": 4096}
GOOD = {"duration_seconds": 30.0, "chunk_seconds": 2.0, "stems": True, "ring": RING}


def test_a_full_document_is_read() -> None:
    options = options_from_json(json.dumps(GOOD))

    assert options == RenderOptions(30.0, 2.0, True, RingOptions("cadenza-ring-1", 8, 4096))
    assert (options.frames, options.chunk_frames) == (1_323_000, 88_200)


def test_no_ring_and_a_fraction_of_a_frame() -> None:
    options = options_from_json(json.dumps({**GOOD, "ring": None, "duration_seconds": 5.00001}))

    assert options.ring is None
    assert options.frames == 220_500


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"duration_seconds": 0}, "duration_seconds"),
        ({"duration_seconds": 3601}, "duration_seconds"),
        ({"duration_seconds": "5"}, "duration_seconds"),
        ({"chunk_seconds": 0}, "chunk_seconds"),
        ({"stems": 1}, "stems"),
        ({"ring": {**RING, "name": "../etc/passwd"}}, "ring.name"),
        ({"ring": {**RING, "slots": 0}}, "ring.slots"),
        ({"ring": {**RING, "slot_bytes": 1.5}}, "ring.slot_bytes"),
        ({"ring": 5}, "ring"),
        ({"priority": 3}, "priority"),
        ({"priority": -1}, "priority"),
        ({"priority": 0.5}, "priority"),
    ],
)
def test_a_wrong_field_is_named(change: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidOptionsError) as caught:
        options_from_json(json.dumps({**GOOD, **change}))

    assert str(caught.value).startswith(f"INVALID_OPTIONS: {field} must be ")


def test_what_is_not_json_is_refused() -> None:
    with pytest.raises(InvalidOptionsError, match="is not JSON"):
        options_from_json(b"{")
