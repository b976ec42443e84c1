"""How many threads graphs get, and when they are awake."""

import os

import pytest

from tests.step_graphs.conftest import Exported
from triton_models.step_graph.sessions import MOST_THREADS, open_session, usual_threads


@pytest.mark.parametrize("spinning", [False, True])
def test_threads_sleep_between_runs_whatever_they_do_within_one(exported: Exported, spinning: bool) -> None:
    session = open_session(exported.folder / "step.float32.onnx", 2, spinning=spinning)
    options = session.get_session_options()
    assert options.intra_op_num_threads == 2
    assert options.get_session_config_entry("session.intra_op.allow_spinning") == str(int(spinning))
    assert options.get_session_config_entry("session.force_spinning_stop") == "1"


def test_a_process_uses_the_cores_that_it_may_use_but_no_more_than_help() -> None:
    assert usual_threads() == min(MOST_THREADS, len(os.sched_getaffinity(0)))
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(allowed)})
    try:
        assert usual_threads() == 1
    finally:
        os.sched_setaffinity(0, allowed)
