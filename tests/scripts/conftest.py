"""A copy of the project in which `scripts/new-area` may write."""

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from deploy.embedded import Endpoints
from tests.architecture.sources import PACKAGES, ROOT, project_files

COPIED = {*PACKAGES, "scripts", "tests", ".gitignore", "pyproject.toml", "schema.graphql"}
# The models and the SoundFont are larger and nothing here needs them.
MAX_BYTES = 2**20

CONFTEST = '''"""The database of the run that made this copy."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from tests.world import World, open_world


@pytest.fixture
async def world(tmp_path: Path) -> AsyncGenerator[World, None]:
    async with open_world("{mongo_url}", tmp_path) as opened:
        yield opened
'''


@dataclass(frozen=True)
class ProjectCopy:
    root: Path

    def new_area(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self.run("scripts/new-area", *arguments)

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Runs Python in the copy."""
        return subprocess.run([sys.executable, "-B", *command], cwd=self.root, capture_output=True, text=True)

    def contents(self) -> dict[str, bytes]:
        """Every file that counts, with its bytes."""
        listed = subprocess.run(
            ["git", "ls-files", "--others", "--exclude-standard", "-z"], cwd=self.root, check=True, capture_output=True
        )
        names = [name for name in listed.stdout.decode().split("\0") if name]
        return {name: (self.root / name).read_bytes() for name in names}


@pytest.fixture(scope="package")
def project_copy(tmp_path_factory: pytest.TempPathFactory, endpoints: Endpoints) -> ProjectCopy:
    """Without the project's own areas' tests being touched; git decides there as here what counts."""
    root = tmp_path_factory.mktemp("project")
    for path in project_files():
        if path.parts[0] in COPIED and (ROOT / path).stat().st_size < MAX_BYTES:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / path, root / path)
    subprocess.run(["git", "init", "--quiet", str(root)], check=True)
    (root / "tests" / "conftest.py").write_text(CONFTEST.format(mongo_url=endpoints.mongo_url))
    return ProjectCopy(root)
