"""Which way imports point. The contracts are in pyproject.toml; here is what they cannot say."""

import ast
import subprocess
import sys
from pathlib import Path

from tests.architecture.sources import ROOT, areas_of, imported_modules, imports, python_files, syntax

LINTER = "import sys; from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command())"


def test_all_import_contracts_are_kept() -> None:
    command = [sys.executable, "-c", LINTER, "--no-cache"]
    linted = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert linted.returncode == 0, linted.stdout + linted.stderr


def test_no_area_touches_the_documents_or_the_store_of_another() -> None:
    # A wildcard in import-linter lets one area's store import another area's documents.
    offenders = [
        f"{path} imports {module}"
        for path in python_files()
        if path.parts[0] == "domain"
        for other in areas_of("domain") - {path.parts[1]}
        for module in imported_modules(path)
        if module.startswith((f"domain.{other}.documents", f"domain.{other}.store"))
    ]
    assert offenders == []


def test_no_import_is_relative() -> None:
    offenders = [
        f"{path}:{statement.lineno}"
        for path in python_files()
        for statement in imports(syntax(path))
        if getattr(statement, "level", 0) > 0
    ]
    assert offenders == []


def test_twins_are_imported_by_tests_only() -> None:
    offenders = [
        str(path) for path in python_files() if path.parts[0] not in ("tests", "adapters") and _imports_a_twin(path)
    ]
    assert offenders == []


def test_every_service_names_the_scope_that_an_api_key_needs() -> None:
    # what no key may do asks for `require_person`
    offenders = [
        f"{path}:{call.lineno}"
        for path in python_files()
        if path.parts[0] in ("domain", "graphql_api") and path.parts[1] != "kit"
        for call in ast.walk(syntax(path))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "require"
        if not call.args
    ]
    assert offenders == []


def _imports_a_twin(path: Path) -> bool:
    return any(module.startswith(("adapters.memory", "adapters.media.twin")) for module in imported_modules(path))
