"""Plans that keep wishes, drawing, and whole pieces from a model without any training: legal and repeatable."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from model_export.score.checkpoint import Checkpoint
from model_export.score.generation import Generator, Request
from model_export.score.sizes import SIZES
from model_export.score.transformer import ScoreTransformer
from tests.model_export.score.builders import VOCABULARY, song
from tests.model_export.score.test_language import TOKENIZER
from triton_models.score_language.conditioning import Wishes
from triton_models.score_language.music import Meter, Piece, Section, Track
from triton_models.score_language.planning import Planner
from triton_models.score_writer.windows import Taste

SIZE = len(TOKENIZER)
WISHES = Wishes(
    genre="jazz",
    bpm=96.5,
    mode="dorian",
    tonic=2,
    meter=Meter(3, 4),
    wanted=(frozenset({(0, False), (1, False)}), frozenset({(40, True)})),
    avoided=(frozenset({(73, False)}),),
)


@pytest.fixture(scope="module")
def generator() -> Generator:
    torch.set_num_threads(1)
    torch.manual_seed(0)
    model = ScoreTransformer(SIZES["test"].architecture, SIZE)
    model.eval()
    return Generator(Checkpoint(model, VOCABULARY, TOKENIZER))


def planned(wishes: Wishes, seed: int, *, strict: bool = True) -> Planner:
    """A plan of tokens drawn at random from the legal ones."""
    rng = np.random.default_rng(seed)
    planner = Planner(wishes, VOCABULARY, SIZE, strict)
    while planner.phase != "done":
        planner.push(int(rng.choice(np.flatnonzero(planner.mask()))))
    return planner


@pytest.mark.parametrize("seed", range(20))
def test_a_strict_plan_keeps_every_wish(seed: int) -> None:
    plan = planned(WISHES, seed).plan

    assert (plan.meter, plan.mode, plan.tonic, plan.qpm) == (Meter(3, 4), "dorian", 2, 96.5)
    playing = {(track.program, track.is_drum) for track in plan.tracks}
    assert playing & {(0, False), (1, False)}
    assert (40, True) in playing
    assert (73, False) not in playing
    assert all(track.is_drum == (track.role in ("drums", "percussion")) for track in plan.tracks)
    assert 2 <= len(plan.tracks) <= 8


def test_a_wished_tempo_counts_dotted_quarters_in_compound_meters() -> None:
    plan = planned(Wishes(bpm=60, meter=Meter(6, 8)), 1).plan

    assert plan.qpm == 90


def test_eight_wanted_instruments_all_find_a_track() -> None:
    wanted = tuple(frozenset({(program, False)}) for program in range(0, 80, 10))

    plan = planned(Wishes(wanted=wanted), 1).plan

    assert {track.program for track in plan.tracks} == set(range(0, 80, 10))


def test_a_plan_that_is_not_strict_may_miss_wishes() -> None:
    plans = [planned(WISHES, seed, strict=False).plan for seed in range(20)]

    assert any(plan.meter != Meter(3, 4) for plan in plans)
    assert len({plan.tonic for plan in plans}) > 3


def sounding(piece: Piece) -> bool:
    return all(len(bar.parts) == len(piece.tracks) for bar in piece.bars)


def test_a_piece_keeps_its_plan_its_sections_and_its_length(generator: Generator) -> None:
    sections = (Section("verse", 2), Section("chorus", 2))

    piece = generator.compose(Request(WISHES, text="jazz", seed=5), 4, sections)

    assert (piece.genre, piece.text, piece.meter, piece.qpm) == ("jazz", "jazz", Meter(3, 4), 96.5)
    assert (len(piece.bars), piece.sections) == (4, sections)
    assert sounding(piece)


def test_a_piece_longer_than_the_window_is_written_window_by_window(generator: Generator) -> None:
    # Given a model whose window of 256 tokens holds a few bars
    piece = generator.compose(Request(Wishes(), seed=3), 12)

    assert len(piece.bars) == 12
    assert sum(section.bars for section in piece.sections) == 12


def test_equal_requests_give_equal_music_and_other_seeds_do_not(generator: Generator) -> None:
    request = Request(WISHES, taste=Taste(guidance=2.0), seed=5)

    assert generator.compose(request, 2) == generator.compose(request, 2)
    assert generator.compose(request, 2) != generator.compose(replace(request, seed=6), 2)


def test_repainting_leaves_the_other_bars_alone(generator: Generator) -> None:
    piece = song(8)

    painted = generator.repaint(piece, Request(Wishes(), seed=1), range(3, 5))

    assert [number for number in range(8) if painted.bars[number] != piece.bars[number]] == [3, 4]
    assert replace(painted, bars=piece.bars) == piece


def test_a_layer_leaves_the_other_tracks_alone(generator: Generator) -> None:
    piece = song(8)

    layered = generator.add_layer(piece, Request(Wishes(), seed=1), Track("counter", 73, False))

    assert layered.tracks == (*piece.tracks, Track("counter", 73, False))
    assert [replace(bar, parts=bar.parts[:3]) for bar in layered.bars] == list(piece.bars)
    assert any(bar.parts[3] is not None for bar in layered.bars)


def test_a_variation_rewrites_its_section_only(generator: Generator) -> None:
    piece = song(16)

    varied = generator.vary(piece, Request(Wishes(), seed=1), 2)

    changed = [number for number in range(16) if varied.bars[number] != piece.bars[number]]
    assert changed
    assert set(changed) <= set(range(8, 12))
    with pytest.raises(ValueError, match="goes back to no other"):
        generator.vary(piece, Request(Wishes(), seed=1), 0)


def test_a_piece_is_extended_behind_its_last_bar(generator: Generator) -> None:
    piece = song(8)

    longer = generator.extend(piece, Request(Wishes(), seed=1), 10)

    assert longer.bars[:8] == piece.bars
    assert len(longer.bars) == 10
