"""The house rules that ruff and mypy do not know: sizes, names, module docstrings, imports at the top."""

import ast
import re

from tests.architecture.sources import ROOT, functions, imports, lines, project_files, python_files, syntax

MAX_LINES = 400
MAX_TEST_LINES = 600
MAX_FUNCTION_LINES = 50
MAX_DOCSTRING_LINES = 5
SHAPELESS_NAMES = {"utils", "util", "helpers", "helper", "common", "misc"}
PROSE = {".py", ".md", ".toml", ".yaml", ".yml", ".sh", ".ts", ".tsx", ".css", ".html", ""}
# Written so that this file is no finding of its own.
LEFT_FOR_LATER = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")


def test_no_file_is_too_long() -> None:
    too_long = {
        str(path): count
        for path in python_files()
        if (count := lines(path)) > (MAX_TEST_LINES if path.parts[0] == "tests" else MAX_LINES)
    }
    assert too_long == {}


def test_no_function_is_too_long() -> None:
    too_long = {
        f"{path}:{function.name}": count
        for path in python_files()
        for function in functions(path)
        if (count := (function.end_lineno or function.lineno) - function.lineno + 1) > MAX_FUNCTION_LINES
    }
    assert too_long == {}


def test_every_module_says_what_it_is_for_in_a_few_lines() -> None:
    wordless = [
        str(path)
        for path in python_files()
        if syntax(path).body and not 1 <= _docstring_lines(syntax(path)) <= MAX_DOCSTRING_LINES
    ]
    assert wordless == []


def _docstring_lines(module: ast.Module) -> int:
    return len((ast.get_docstring(module) or "").splitlines())


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert [str(path) for path in python_files() if path.stem in SHAPELESS_NAMES] == []


def test_no_function_imports() -> None:
    offenders = [
        f"{path}:{statement.lineno}"
        for path in python_files()
        for function in functions(path)
        for statement in imports(function)
    ]
    assert offenders == []


def test_nothing_is_left_for_later() -> None:
    offenders = [
        f"{path}:{number}"
        for path in project_files()
        if path.suffix in PROSE and path.name != "LICENSE"
        for number, line in enumerate((ROOT / path).read_text(encoding="utf-8").splitlines(), start=1)
        if LEFT_FOR_LATER.search(line)
    ]
    assert offenders == []
