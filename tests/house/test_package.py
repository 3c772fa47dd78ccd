"""Does what we ship run on a machine that has nothing else of ours?"""

import importlib.metadata
import os
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
from packaging.markers import Marker

from cli.version import __version__

ROOT = Path(__file__).resolve().parents[2]
LOCK = ROOT / "requirements" / "run.txt"
ROOMS = {"events", "domain", "projections", "cli"}

# Our own pip fills the environment; what is not imported need not be compiled.
PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--python")
SPARING = ("--quiet", "--no-deps", "--no-compile")
# What pip says when there is nobody to talk to, rather than when something is wrong.
NO_INDEX = re.compile(
    r"NewConnectionError|ConnectTimeoutError|ConnectionError|ProxyError|"
    r"Temporary failure in name resolution|Network is unreachable|Read timed out"
)
_locked = re.compile(r"^([\w-]+)==(\S+)(?: ; ([^\\\n]+))?", re.MULTILINE).findall


def run(*arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a command without anything that would lead it back to this checkout."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    return subprocess.run(
        [str(argument) for argument in arguments],
        cwd=cwd,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def built(source: Path, target: str, into: Path) -> Path:
    """Build one distribution of `source`; give its file."""
    made = run(sys.executable, "-m", "hatchling", "build", "-t", target, "-d", into, cwd=source)
    assert made.returncode == 0, made.stdout + made.stderr
    (file,) = into.iterdir()
    return file


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(ROOT, "sdist", tmp_path_factory.mktemp("sdist"))


@pytest.fixture(scope="module")
def wheel(sdist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel from the sdist alone, as a packager would."""
    unpacked = tmp_path_factory.mktemp("unpacked")
    with tarfile.open(sdist) as archive:
        if hasattr(tarfile, "data_filter"):  # Python 3.11.4 and newer
            archive.extraction_filter = tarfile.data_filter
        archive.extractall(unpacked)  # noqa: S202 - what was built a moment ago
    (source,) = unpacked.iterdir()
    return built(source, "wheel", tmp_path_factory.mktemp("wheel"))


@pytest.fixture
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make an environment with nothing in it, not even pip; give its Python."""
    home = tmp_path_factory.mktemp("bare")
    made = run(sys.executable, "-m", "venv", "--without-pip", home / "venv", cwd=home)
    assert made.returncode == 0, made.stderr
    return home / "venv" / "bin" / "python"


def runs_the_story(python: Path, wheel: Path, folder: Path) -> None:
    """Install the wheel beside what is there, and run it."""
    installed = run(*PIP, python, "install", *SPARING, "--no-index", wheel, cwd=folder)
    assert installed.returncode == 0, installed.stderr
    checked = run(*PIP, python, "check", cwd=folder)
    assert checked.returncode == 0, checked.stdout

    told = run(python.parent / "depositary", "--version", cwd=folder)
    assert told.returncode == 0, told.stderr
    assert told.stdout.split() == ["depositary", __version__]

    made = run(python.parent / "depositary", "demo", cwd=folder)
    assert made.returncode == 0, made.stderr
    assert "pk-sv-bitcoin-2025" in made.stdout
    assert list(folder.rglob("record.sqlite3")) != []


def test_the_sdist_brings_what_it_takes_to_work_on_it(sdist: Path) -> None:
    with tarfile.open(sdist) as archive:
        entries = {name.split("/")[1] for name in archive.getnames()}
    expected = {"tests", "docs", "requirements", "Makefile", "README.md", "LICENSE", *ROOMS}
    assert expected - entries == set()


def test_the_wheel_has_the_four_rooms_and_all_that_is_in_them(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    assert {name.split("/")[0] for name in names} == {*ROOMS, f"depositary-{__version__}.dist-info"}
    ours = {
        str(path.relative_to(ROOT))
        for room in ROOMS
        for path in (ROOT / room).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert ours - names == set()


def test_the_wheel_runs_beside_what_the_lock_names(bare: Path, wheel: Path, tmp_path: Path) -> None:
    """The libraries are those of the test's own environment, in the versions of the lock."""
    said = run(bare, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=tmp_path)
    place = Path(said.stdout.strip())
    for name, version, marker in _locked(LOCK.read_text("utf-8")):
        if marker and not Marker(marker).evaluate():
            continue
        found = importlib.metadata.distribution(name)
        assert found.version == version, name
        for top in {file.parts[0] for file in found.files or ()} - {"..", "__pycache__"}:
            (place / top).symlink_to(str(found.locate_file(top)))
    runs_the_story(bare, wheel, tmp_path)


@pytest.mark.long
def test_the_wheel_runs_where_nothing_else_of_ours_is(
    bare: Path, wheel: Path, tmp_path: Path
) -> None:
    fetched = run(*PIP, bare, "install", *SPARING, "--require-hashes", "-r", LOCK, cwd=tmp_path)
    if fetched.returncode != 0 and NO_INDEX.search(fetched.stderr) and not os.environ.get("CI"):
        pytest.skip("no package index can be reached, so nothing can be installed from the lock")
    assert fetched.returncode == 0, fetched.stderr
    runs_the_story(bare, wheel, tmp_path)
