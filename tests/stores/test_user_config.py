"""Are the user's own settings kept where only the user writes them, and whole?"""

import os
import stat
from pathlib import Path
from threading import Thread

import pytest

from events.store.user_config import (
    MAX_CONFIG_BYTES,
    ConfigFileError,
    config_folder,
    config_lock,
    key_folder,
    read_config,
    write_config,
)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    return tmp_path / "depositary"


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_what_is_written_is_read_and_is_the_users_own(folder: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        assert read_config("some.toml") is None
        assert write_config("some.toml", "one = 'ä'\n") == folder / "some.toml"
        assert write_config("some.toml", "two = 2\n") == folder / "some.toml"
    finally:
        os.umask(before)
    assert read_config("some.toml") == "two = 2\n"
    assert (mode(folder), mode(folder / "some.toml")) == (0o700, 0o600)
    assert [path.name for path in folder.iterdir()] == ["some.toml"]


def test_the_folder_is_in_the_home_without_a_base_that_is_absolute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for base in ("", "not/absolute"):
        monkeypatch.setenv("XDG_CONFIG_HOME", base)
        assert config_folder() == tmp_path / ".config/depositary"
    monkeypatch.delenv("XDG_CONFIG_HOME")
    assert key_folder("one") == tmp_path / ".config/depositary/keys/one"


@pytest.mark.parametrize("bits", [0o620, 0o602, 0o666])
def test_a_file_that_others_may_write_is_not_believed(bits: int) -> None:
    path = write_config("some.toml", "one = 1\n")
    path.chmod(bits)
    with pytest.raises(ConfigFileError, match="its mode is"):
        read_config("some.toml")


def test_only_a_plain_file_of_text_is_read(folder: Path) -> None:
    folder.mkdir()
    os.mkfifo(folder / "pipe.toml")
    (folder / "folder.toml").mkdir()
    (folder / "bytes.toml").write_bytes(b"\xff")
    (folder / "large.toml").write_bytes(b"#" * (MAX_CONFIG_BYTES + 1))
    for name in ("pipe.toml", "folder.toml", "bytes.toml", "large.toml"):
        with pytest.raises(ConfigFileError):
            read_config(name)


def test_changes_of_several_writers_are_all_kept() -> None:
    def add(line: str) -> None:
        with config_lock():
            write_config("some.toml", (read_config("some.toml") or "") + line)

    writers = [Thread(target=add, args=(f"{n}\n",)) for n in range(12)]
    for each in writers:
        each.start()
    for each in writers:
        each.join()
    assert sorted(map(int, (read_config("some.toml") or "").split())) == list(range(12))
