"""The search for the limiter drive."""

import pytest

from triton_models.renderer.loudness_search import find_drive


class Limiter:
    """A made-up piece: loudness rises with the drive until the limiter takes `share` of each further dB."""

    def __init__(self, knee: float, share: float) -> None:
        self.knee = knee
        self.share = share
        self.measurements = 0

    def __call__(self, drive: float) -> float:
        self.measurements += 1
        return -20.0 + drive - max(0.0, drive - self.knee) * self.share


@pytest.mark.parametrize(("knee", "share", "most"), [(10.0, 0.5, 1), (3.0, 0.4, 3), (0.0, 0.7, 5)])
def test_the_target_is_reached_in_few_measurements(knee: float, share: float, most: int) -> None:
    limiter = Limiter(knee, share)

    drive = find_drive(limiter, -14.0, 6.0)

    assert limiter.measurements <= most
    assert limiter(drive) == pytest.approx(-14.0, abs=0.05)


def test_an_unreachable_target_ends_at_the_strongest_drive() -> None:
    def brick(drive: float) -> float:
        return min(-20.0 + drive, -18.0)

    assert find_drive(brick, -14.0, 6.0) == 30.0
