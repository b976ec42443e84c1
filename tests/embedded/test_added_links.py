"""What Triton reads of an added model stays while it reads, and takes no room when it is done."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.embedded.triton import SHARED_MEMORY
from deploy.embedded.triton_repository import TritonFolders
from tests.embedded.added import lay_added
from tests.embedded.conftest import MODELS


@pytest.fixture
def folders(tmp_path: Path) -> TritonFolders:
    made = TritonFolders(tmp_path / "triton")
    made.assemble(MODELS)
    return made


@pytest.fixture
def elsewhere() -> Iterator[Path]:
    """A folder on another file system."""
    with tempfile.TemporaryDirectory(dir=SHARED_MEMORY) as folder:
        yield Path(folder)


def kept(folders: TritonFolders) -> list[str]:
    """Models that files are kept of."""
    return sorted(folder.name.split(".")[0] for folder in folders.added.iterdir())


def test_a_model_that_is_taken_away_is_there_until_triton_is_done(folders: TritonFolders, tmp_path: Path) -> None:
    weights = Path("my_echo") / "1" / "weights.onnx"
    inode = (lay_added(tmp_path / "my_echo") / "1" / "weights.onnx").stat().st_ino

    folders.link_added(tmp_path / "my_echo")
    shutil.rmtree(tmp_path / "my_echo")

    # It is the same file, and no copy
    assert (folders.repository / weights).stat().st_ino == inode
    folders.unlink_added("my_echo")
    assert kept(folders) == []
    assert sorted(path.name for path in folders.repository.iterdir()) == ["affine", "echo"]


def test_of_a_model_that_is_replaced_the_new_one_is_kept(folders: TritonFolders, tmp_path: Path) -> None:
    for text in ("first", "second"):
        folder = lay_added(tmp_path / "my_echo", text)
        folders.link_added(folder)
        assert (folders.repository / "my_echo" / "1" / "model.py").read_text() == text
        shutil.rmtree(folder)
    assert kept(folders) == ["my_echo"]


def test_when_the_server_has_ended_nothing_is_kept_and_our_own_models_stay(
    folders: TritonFolders, tmp_path: Path
) -> None:
    for name in ("my_echo", "your_echo"):
        folders.link_added(lay_added(tmp_path / name))

    folders.unlink_all_added()

    assert kept(folders) == []
    assert sorted(path.name for path in folders.repository.iterdir()) == ["affine", "echo"]


def test_a_model_that_has_just_gone_is_said_to_be_gone(folders: TritonFolders, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        folders.link_added(tmp_path / "my_echo")
    assert kept(folders) == []


def test_on_another_file_system_triton_reads_the_folder_itself(folders: TritonFolders, elsewhere: Path) -> None:
    folder = lay_added(elsewhere / "my_echo")

    folders.link_added(folder)

    assert (folders.repository / "my_echo").readlink() == folder
    folders.unlink_all_added()
    assert (folders.repository / "my_echo").readlink() == folder
    folders.unlink_added("my_echo")
    assert not (folders.repository / "my_echo").is_symlink()
    assert (folder / "1" / "model.py").is_file()


def test_a_replaced_model_that_has_just_gone_leaves_nothing_behind(folders: TritonFolders, tmp_path: Path) -> None:
    folders.link_added(lay_added(tmp_path / "my_echo"))
    shutil.rmtree(tmp_path / "my_echo")

    with pytest.raises(FileNotFoundError):
        folders.link_added(tmp_path / "my_echo")

    # What Triton reads is there until it is done
    assert (folders.repository / "my_echo" / "1" / "model.py").is_file()
    folders.unlink_added("my_echo")
    assert kept(folders) == []


def test_where_no_links_can_be_kept_triton_reads_the_folder_itself(folders: TritonFolders, tmp_path: Path) -> None:
    folder = lay_added(tmp_path / "my_echo")
    folders.added.rmdir()

    folders.link_added(folder)

    assert (folders.repository / "my_echo").readlink() == folder
