"""Assembles Triton's folders under the root: model repository, backends and the Python library of the stub."""

import os
import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from deploy.embedded.errors import StackError
from deploy.embedded.wheels import TRITON_PYTHON, TRITON_STUB, python_library
from triton_models import backends

ARTEFACTS = {"python": "model.py", "onnxruntime": "model.onnx", "tensorrt": "model.plan"}
BACKENDS_OF_OURS = Path(backends.__file__).parent


@dataclass(frozen=True)
class TritonFolders:
    """`root` is emptied and filled at every start, so that nothing of an older version remains."""

    root: Path

    @property
    def repository(self) -> Path:
        """One link per model."""
        return self.root / "repository"

    @property
    def backends(self) -> Path:
        """The backends by name."""
        return self.root / "backends"

    @property
    def libraries(self) -> Path:
        """Holds nothing but a link to the Python library, so that it shadows no other library."""
        return self.root / "lib"

    @property
    def added(self) -> Path:
        """Hard links to the files of added models: nobody can take those away while Triton reads them."""
        return self.root / "added"

    def assemble(self, model_root: Path) -> list[Path]:
        """Fill the folders with the models of `model_root`; StackError names what one of them misses."""
        models = find_models(model_root)
        for folder in (self.repository, self.backends, self.libraries, self.added):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
        for model in models:
            self.link(model)
        self._link_backends()
        library = python_library()
        (self.libraries / library.name).symlink_to(library)
        return models

    def link(self, model: Path) -> None:
        """Let Triton find one more model, or the same anew."""
        link = self.repository / model.name
        link.unlink(missing_ok=True)
        link.symlink_to(model.resolve())

    def link_added(self, model: Path) -> None:
        """As `link`, of a folder that may vanish at any moment; raises FileNotFoundError when it just did."""
        link = self.repository / model.name
        # Kept first: of a folder that just went, what was linked before is still found by whoever unlinks it.
        before, kept = self._kept(link), self._keep(model)
        link.unlink(missing_ok=True)
        link.symlink_to(kept)
        if before:
            shutil.rmtree(before, ignore_errors=True)

    def unlink_added(self, model: str) -> None:
        """Triton is done with it."""
        link = self.repository / model
        kept = self._kept(link)
        link.unlink(missing_ok=True)
        if kept:
            shutil.rmtree(kept, ignore_errors=True)

    def unlink_all_added(self) -> None:
        """Of a server that has ended: what was removed since takes no room any more."""
        for link in self.repository.glob("*"):
            if self._kept(link):
                self.unlink_added(link.name)

    def _keep(self, model: Path) -> Path:
        """The folder to link to. Where there can be no hard links, as across file systems, it is the model's own."""
        kept: str | None = None
        try:
            kept = tempfile.mkdtemp(prefix=f"{model.name}.", dir=self.added)
            shutil.copytree(model, kept, copy_function=os.link, dirs_exist_ok=True)
        except OSError:
            if kept:
                shutil.rmtree(kept, ignore_errors=True)
            return model.resolve(strict=True)
        return Path(kept).resolve()

    def _kept(self, link: Path) -> Path | None:
        """What `_keep` made for a link, if it did."""
        if not link.is_symlink() or link.readlink().parent != self.added.resolve():
            return None
        return link.readlink()

    def _link_backends(self) -> None:
        python = self.backends / "python"
        source = TRITON_PYTHON.locate()
        python.mkdir()
        # Copies: Triton refuses a library that resolves to a place outside the backend's folder.
        shutil.copyfile(source / "libtriton_python.so", python / "libtriton_python.so")
        shutil.copyfile(TRITON_STUB.locate(), python / "triton_python_backend_stub")
        (python / "triton_python_backend_stub").chmod(0o755)
        utilities = "triton_python_backend_utils.py"
        (python / utilities).symlink_to(source / utilities)
        for folder in sorted(BACKENDS_OF_OURS.iterdir()):
            if (folder / "model.py").exists():
                (self.backends / folder.name).symlink_to(folder.resolve())


def find_models(model_root: Path) -> list[Path]:
    """The folders with a config.pbtxt; StackError when there is none or when one lacks its artefact."""
    models = sorted(path.parent for path in model_root.glob("*/config.pbtxt"))
    if not models:
        raise StackError(f"{model_root} holds no model: reinstall Cadenza, or name another model folder.")
    for model in models:
        _check_artefact(model)
    return models


def _check_artefact(model: Path) -> None:
    config = (model / "config.pbtxt").read_text()
    name = _field(config, "default_model_filename") or ARTEFACTS.get(_field(config, "backend"), "")
    versions = sorted(path for path in model.iterdir() if path.is_dir() and path.name.isdigit())
    missing = [path / name for path in versions or [model / "1"] if not (path / name).exists()]
    if missing:
        raise StackError(f"The model {model.name} lacks {missing[0]}: run `cadenza models build {model.name}`.")


def _field(config: str, name: str) -> str:
    found = re.search(rf'^\s*{name}\s*:\s*"([^"]*)"', config, re.MULTILINE)
    return found.group(1) if found else ""
