"""`scripts/new-area` makes areas that pass everything at once, and nothing at all when it cannot."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.scripts.conftest import ProjectCopy

DOMAIN = {"__init__", "documents", "errors", "model", "service", "store"}
API = {"__init__", "inputs", "loaders", "mutations", "queries", "types"}
TESTS = {"__init__", "test_model", "test_service"}


def files_of(area: str) -> set[str]:
    parts = {"domain": DOMAIN, "graphql_api": API, "tests": TESTS}
    return {f"bootstrap/wiring/{area}.py"} | {
        f"{place}/{area}/{name}.py" for place, names in parts.items() for name in names
    }


@pytest.fixture(scope="module")
def before(project_copy: ProjectCopy) -> dict[str, bytes]:
    return project_copy.contents()


@pytest.fixture(scope="module")
def extended(project_copy: ProjectCopy, before: dict[str, bytes]) -> ProjectCopy:
    """The copy with two new areas, one of them with jobs."""
    assert before
    for arguments in (["karaoke"], ["voice_swaps", "--jobs"]):
        made = project_copy.new_area(*arguments)
        assert made.returncode == 0, made.stdout + made.stderr
    return project_copy


def succeeded(done: subprocess.CompletedProcess[str]) -> bool:
    """Whether it did; what it printed is told otherwise."""
    assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]
    return True


def test_it_adds_the_files_of_the_area_and_registers_them(extended: ProjectCopy, before: dict[str, bytes]) -> None:
    after = extended.contents()
    assert set(after) - set(before) == files_of("karaoke") | files_of("voice_swaps") | {"jobs/voice_swaps.py"}
    assert {name for name, content in before.items() if after[name] != content} == {
        "bootstrap/areas.py",
        "graphql_api/core/problems.py",
        "graphql_api/jobs/queries.py",
        "schema.graphql",
    }


def test_nothing_of_the_templates_is_left_in_them(extended: ProjectCopy, before: dict[str, bytes]) -> None:
    placeholder = re.compile(rb"^#: |__(?!init__|all__|name__)[a-zA-Z_]+?__", re.MULTILINE)
    made = {name: content for name, content in extended.contents().items() if name not in before}
    assert [name for name, content in made.items() if placeholder.search(content)] == []


def test_the_exported_schema_has_the_new_types(extended: ProjectCopy) -> None:
    schema = (extended.root / "schema.graphql").read_text()
    for line in (
        "type Karaoke implements Node {",
        "type KaraokeConnection {",
        "type KaraokeNameTaken implements Problem {",
        "union CreateKaraokeResult = CreateKaraokeSuccess | Forbidden | KaraokeNameTaken | Unauthenticated | ",
        "type VoiceSwap implements Node {",
        "type VoiceSwapJob implements Job & Node {",
        "union PrepareVoiceSwapResult = Forbidden | NotFound | Overloaded | PrepareVoiceSwapSuccess | TooManyJobs | ",
        "  createKaraoke(",
        "  prepareVoiceSwap(",
        "  karaoke(",
        "  karaokes(",
        "  voiceSwap(",
        "  voiceSwaps(",
    ):
        assert re.search(f"^{re.escape(line)}", schema, re.MULTILINE), line


@pytest.mark.timeout(240)
def test_the_result_passes_ruff_and_mypy(extended: ProjectCopy, before: dict[str, bytes]) -> None:
    python = [name for name in extended.contents() if name.endswith(".py")]
    new = [name for name in python if name not in before]
    assert succeeded(extended.run("-m", "ruff", "check", *python, "scripts/new-area"))
    assert succeeded(extended.run("-m", "ruff", "format", "--check", *python, "scripts/new-area"))
    assert succeeded(extended.run("-m", "mypy", *new, "bootstrap/areas.py", "scripts/new-area"))


@pytest.mark.timeout(240)
def test_the_result_passes_the_architecture_tests_and_its_own(extended: ProjectCopy) -> None:
    tests = ["tests/architecture", "tests/karaoke", "tests/voice_swaps"]
    done = extended.run("-m", "pytest", "-q", "-p", "no:cacheprovider", *tests)
    assert succeeded(done)
    assert re.search(r"^\d+ passed in ", done.stdout, re.MULTILINE), done.stdout


@pytest.mark.parametrize(
    "arguments, reason",
    [
        (["library"], "There is something named 'library' already."),
        (["karaoke"], "There is something named 'karaoke' already."),
        (["kit"], "There is something named 'kit' already."),
        (["music"], "There is something named 'music' already."),
        (["e2e"], "'e2e' is no name for it"),
        (["Karaoke"], "'Karaoke' is no name for it"),
        (["voice-swaps"], "'voice-swaps' is no name for it"),
        (["../evil"], "'../evil' is no name for it"),
        (["class"], "'class' is no name for it"),
        (["x" * 31], "is no name for it"),
        (["charts", "--record", "a-chart"], "'a-chart' is no name for it"),
        (["tracks"], "The schema has a Track already."),
        (["charts", "--record", "viewer"], "The schema has a Viewer already."),
        (["generations"], "Another area has a Generation already."),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, list) else "",
)
def test_what_cannot_be_an_area_is_refused_in_words(extended: ProjectCopy, arguments: list[str], reason: str) -> None:
    before = extended.contents()
    refused = extended.new_area(*arguments)
    assert refused.returncode == 1
    assert reason in refused.stderr
    assert extended.contents() == before


def test_a_step_that_fails_leaves_nothing_behind(extended: ProjectCopy) -> None:
    # given a project whose schema cannot be exported
    broken = extended.root / "graphql_api" / "core" / "scalars.py"
    whole = broken.read_text()
    broken.write_text("raise SystemExit('broken on purpose')\n")
    before = extended.contents()
    # when an area is asked for
    failed = extended.new_area("charts", "--jobs")
    after = extended.contents()
    broken.write_text(whole)
    # then it says what failed, and all is as it was
    assert failed.returncode == 1
    assert "broken on purpose" in failed.stderr
    assert after == before
    assert not list(Path(extended.root).glob("*/charts"))
