"""What large tests have run, told at the end of the run."""

import pytest

_TOLD = pytest.StashKey[list[str]]()


def tell(config: pytest.Config, line: str) -> None:
    config.stash.setdefault(_TOLD, []).append(line)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    lines = terminalreporter.config.stash.get(_TOLD, [])
    if lines:
        terminalreporter.section("what ran")
    for line in lines:
        terminalreporter.write_line(line)
