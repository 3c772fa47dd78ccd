"""Could a stranger use every file as it is, on another machine?"""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# Folders as one machine or one user has them.
MACHINE_PATH = re.compile(r"(?:^|[^A-Za-z0-9_.])/(?:work|farm|home|root|Users)/")
DOWNLOAD = re.compile(
    r"""(?:index-url|resolved|url)"?\s*[:=]\s*"?https?://[^ "]*\.(?:whl|tgz|tar\.gz|simple)"""
)
INDEX = re.compile(r"^\s*--(?:extra-index-url|index-url|find-links)|file://", re.MULTILINE)


def lines_matching(pattern: re.Pattern[str], paths: list[Path]) -> list[str]:
    found = []
    for path in paths:
        text = (ROOT / path).read_bytes().decode("utf-8", errors="replace")
        for number, line in enumerate(text.split("\n"), start=1):
            if pattern.search(line):
                found.append(f"{path}:{number}: {line.strip()[:120]}")
    return found


def test_no_file_names_a_folder_of_one_machine(our_files: list[Path]) -> None:
    assert lines_matching(MACHINE_PATH, our_files) == []


def test_no_file_names_a_download_address(our_files: list[Path]) -> None:
    assert lines_matching(DOWNLOAD, our_files) == []


def test_the_lock_names_no_index() -> None:
    locks = [*sorted((ROOT / "requirements").glob("*.txt")), ROOT / "pyproject.toml"]
    assert lines_matching(INDEX, locks) == []


@pytest.mark.parametrize(
    ("pattern", "line"),
    [
        (MACHINE_PATH, 'cache = "/ho' + 'me/ada/cache"'),
        (DOWNLOAD, "url = https" + "://example.org/x-1.0.whl"),
        (INDEX, "--index" + "-url https://example.org/simple"),
        (INDEX, "pydantic @ file" + ":///wheels/pydantic.whl"),
    ],
)
def test_what_must_not_be_there_would_be_found(pattern: re.Pattern[str], line: str) -> None:
    assert pattern.search(line)


@pytest.mark.parametrize("name", ["run.txt", "build.txt", "dev.txt"])
def test_everything_in_the_lock_has_its_version_and_hash(name: str) -> None:
    text = (ROOT / "requirements" / name).read_text("utf-8")
    entries = [entry for entry in re.split(r"\n(?=\S)", text) if not entry.startswith("#")]
    assert entries
    for entry in entries:
        assert re.match(r"[a-z0-9-]+(\[[a-z,]+\])?==\S+ ", entry), entry
        assert "--hash=sha256:" in entry, entry


def test_the_smaller_locks_are_parts_of_the_whole() -> None:
    pins = {
        name: set(re.findall(r"^\S+==\S+", (ROOT / "requirements" / name).read_text(), re.M))
        for name in ("run.txt", "build.txt", "dev.txt")
    }
    assert pins["run.txt"] | pins["build.txt"] <= pins["dev.txt"]
