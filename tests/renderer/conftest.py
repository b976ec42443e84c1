"""The one SoundFont synthesiser of the test run: loading the font takes a second."""

from pathlib import Path

import pytest

import triton_models.renderer
from triton_models.renderer.synth import SoundFontSynth

MODEL_FOLDER = Path(triton_models.renderer.__file__).parent


@pytest.fixture(scope="session")
def model_folder() -> Path:
    return MODEL_FOLDER


@pytest.fixture(scope="session")
def synth(model_folder: Path) -> SoundFontSynth:
    return SoundFontSynth(model_folder / "soundfont" / "cadenza-gm.sf3")
