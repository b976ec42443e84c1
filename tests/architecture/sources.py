"""The files that belong to the project, tracked or about to be, and the Python among them."""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("adapters", "bootstrap", "deploy", "domain", "graphql_api", "jobs", "model_export", "triton_models")


@cache
def project_files() -> tuple[Path, ...]:
    """Paths from the root, without what git ignores and without what was deleted but is still tracked."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    paths = [Path(name) for name in listed.split("\0") if name]
    return tuple(sorted(path for path in set(paths) if (ROOT / path).is_file()))


@cache
def python_files() -> tuple[Path, ...]:
    """Modules, and scripts without a suffix that Python runs."""
    return tuple(path for path in project_files() if path.suffix == ".py" or _is_python_script(path))


@cache
def syntax(path: Path) -> ast.Module:
    return ast.parse((ROOT / path).read_bytes(), filename=str(path))


def lines(path: Path) -> int:
    return len((ROOT / path).read_text(encoding="utf-8").splitlines())


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(syntax(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def imports(node: ast.AST) -> Iterator[ast.Import | ast.ImportFrom]:
    return (child for child in ast.walk(node) if isinstance(child, ast.Import | ast.ImportFrom))


def imported_modules(path: Path) -> set[str]:
    """Every dotted name that the module imports, both the module and what is taken from it."""
    found: set[str] = set()
    for statement in imports(syntax(path)):
        names = [alias.name for alias in statement.names]
        if isinstance(statement, ast.Import):
            found.update(names)
        else:
            found.add(statement.module or "")
            found.update(f"{statement.module}.{name}" for name in names)
    return found


def areas_of(package: str) -> set[str]:
    """The names of a package's folders that hold modules."""
    return {path.parts[1] for path in python_files() if path.parts[0] == package and len(path.parts) > 2}


def _is_python_script(path: Path) -> bool:
    if path.suffix or path.parts[0] != "scripts":
        return False
    with (ROOT / path).open("rb") as file:
        return b"python" in file.readline()
