"""What do tests of several kinds start from?

A way to run the command as a user would, and a ledger with the bundled story to run it on. A
PostgreSQL of our own, where one can be had; where CI or DEPOSITARY_MUST=postgres says so, it must.
"""

import gc
import importlib.util
import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, settings

from tests import forked
from tests.faults import servers

ROOT = Path(__file__).resolve().parent.parent

gc.disable()  # what is collected is no garbage

# No test is decided by a clock: a slow machine is not a wrong program.
settings.register_profile("depositary", deadline=None, print_blob=True, max_examples=50)
settings.register_profile("quick", settings.get_profile("depositary"), max_examples=20)
settings.register_profile("long", settings.get_profile("depositary"), max_examples=1000)
# The same examples for each change of the code; that one fails is enough, and is not made small.
settings.register_profile(
    "mutants",
    settings.get_profile("quick"),
    derandomize=True,
    phases=(Phase.explicit, Phase.generate),
)
settings.load_profile("depositary")


IN_MEMORY = Path("/dev/shm")  # noqa: S108 - each run makes a folder of its own there


def room_in_memory() -> bool:
    """Say whether files can be kept in memory: 4 GiB are free there, and programs may be run."""
    try:
        found = os.statvfs(IN_MEMORY)
        memory = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        return False
    may = os.access(IN_MEMORY, os.W_OK) and not found.f_flag & os.ST_NOEXEC
    return may and min(found.f_bavail * found.f_frsize, memory) > 4 << 30


# A test that makes a ledger waits for its disk a dozen times; what is flushed is tested by the
# calls (tests/faults), not by a disk. Where the folders are wanted elsewhere, the variable says it.
if room_in_memory():
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(IN_MEMORY))

Run = Callable[..., subprocess.CompletedProcess[str]]

# What takes many seconds alone: begun last, it would be waited for by one processor.
LONGEST = ("test_every_command", "test_second_fold", "test_world", "test_browser", "test_package")

COUNTER = "import sys; from cli.main import run; sys.exit(run())"


def clean_environment(extra: Mapping[str, str]) -> dict[str, str]:
    """Return an environment that says nothing of the machine, its user or their settings."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "PYTHONPATH": str(ROOT),
        "PYTHONUTF8": "1",
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "XDG_CACHE_HOME": os.environ["XDG_CACHE_HOME"],
        "XDG_CONFIG_HOME": os.environ["XDG_CONFIG_HOME"],
        "XDG_STATE_HOME": os.environ["XDG_STATE_HOME"],
        **{name: value for name, value in os.environ.items() if name.startswith("COVERAGE_")},
        **extra,
    }


@pytest.fixture(scope="session", autouse=True)
def cache_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Keep cached answers in a folder of this run, and not in the user's; no width either."""
    os.environ.pop("COLUMNS", None)
    folder = tmp_path_factory.mktemp("cache")
    os.environ["XDG_CACHE_HOME"] = str(folder)
    return folder


@pytest.fixture(scope="session", autouse=True)
def config_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Keep keys, pins and trusted folders in a folder of this run, and not in the user's."""
    folder = tmp_path_factory.mktemp("config")
    os.environ["XDG_CONFIG_HOME"] = str(folder)
    return folder


@pytest.fixture(scope="session", autouse=True)
def state_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Keep marks in a folder of this run, and not in the user's."""
    folder = tmp_path_factory.mktemp("state")
    os.environ["XDG_STATE_HOME"] = str(folder)
    return folder


@pytest.fixture(scope="session")
def depositary() -> Run:
    """Run `depositary ARGUMENTS` in a process of its own; give what it printed and its exit code.

    `cwd`, `input` and `env` (added to a clean environment) are as for `subprocess.run`. Python is
    started anew only for other `code`, or for an `env` that changes how it starts: tests/forked.py.
    """

    def run(
        *arguments: str | Path,
        cwd: Path | None = None,
        input: str | None = None,  # noqa: A002 - named as in subprocess.run
        env: Mapping[str, str] | None = None,
        code: str = COUNTER,
        timeout_s: float = 120,
    ) -> subprocess.CompletedProcess[str]:
        words, environment = [*map(str, arguments)], clean_environment(env or {})
        if code == COUNTER and forked.may_be_forked(env or {}):
            return forked.run(words, cwd, input or "", environment, timeout_s)
        return subprocess.run(
            [sys.executable, "-c", code, *words],
            cwd=cwd,
            input=input if input is not None else "",
            env=environment,
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
        )

    return run


@pytest.fixture(scope="session")
def demo_once(depositary: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the demo ledger, once a session: to be copied, never to be touched."""
    ledger = tmp_path_factory.mktemp("demo") / "ledger"
    made = depositary("demo", ledger)
    assert made.returncode == 0, made.stderr
    return ledger


@pytest.fixture
def demo_ledger(demo_once: Path, tmp_path: Path) -> Path:
    """Give a ledger with the bundled story, for one test alone."""
    return shutil.copytree(demo_once, tmp_path / "ledger")


def without_postgres(why: str) -> None:
    """Skip what needs PostgreSQL; where it must be tested, fail."""
    must = os.environ.get("CI") == "true" or "postgres" in os.environ.get("DEPOSITARY_MUST", "")
    (pytest.fail if must else pytest.skip)(f"PostgreSQL cannot be had here: {why}")


@pytest.fixture(scope="session")
def postgres_binaries() -> Path:
    """Give the folder of PostgreSQL's programs, once it is sure that servers can be made."""
    if importlib.util.find_spec("psycopg") is None:
        without_postgres("psycopg is not installed (pip install 'depositary[postgres]')")
    try:
        servers.identity()
        found = servers.binaries()
    except servers.NoPostgresError as error:
        without_postgres(str(error))
    return found


@pytest.fixture(scope="session")
def postgres_server(postgres_binaries: Path) -> Iterator[Any]:
    """Give a PostgreSQL of this session's own, running; see tests/faults/servers.py.

    `.address()` is where the role `depositary` works without a password, `.guarded_address()` where
    it is asked for `.PASSWORD`; `.sql(statement)` does as the superuser. Tests share it: each takes
    a schema of its own, or a database from `.database()`, and whoever stops it starts it again.
    """
    with servers.folder_for_servers() as folder:
        try:
            server = servers.Server.make(folder / "one")
        except servers.NoPostgresError as error:
            without_postgres(str(error))
        yield server


@pytest.fixture(scope="session")
def foreign() -> Callable[[Any], AbstractContextManager[Any]]:
    """Give sessions with PostgreSQL that are not of the program, in the schema of an address."""

    @contextmanager
    def opened(where: Any) -> Iterator[Any]:
        import psycopg

        with psycopg.connect(**where.parameters(), autocommit=True) as session:
            session.execute(f'SET search_path = "{where.schema}"')
            yield session

    return opened


@pytest.fixture(scope="session")
def drop(foreign: Callable[[Any], AbstractContextManager[Any]]) -> Callable[[Any], None]:
    """Do away with the schema of an address."""

    def dropped(where: Any) -> None:
        with foreign(where) as session:
            session.execute(f'DROP SCHEMA IF EXISTS "{where.schema}" CASCADE')

    return dropped


@pytest.fixture
def address(postgres_server: Any, drop: Callable[[Any], None]) -> Iterator[Any]:
    """Give the address of a schema that is not there yet; it is gone after the test."""
    from events.store.location import Address

    where = Address.parse(postgres_server.address()).with_schema(f"t_{uuid.uuid4().hex[:16]}")
    yield where
    drop(where)


@pytest.hookimpl(tryfirst=True)  # before tests are chosen by their marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest; mark what starts a server, which `make quick` leaves out."""
    items.sort(key=lambda item: item.path.stem not in LONGEST)
    for item in items:
        parameters = item.callspec.params.values() if hasattr(item, "callspec") else ()
        asked_for = getattr(item, "fixturenames", ())
        if "postgres_binaries" in asked_for or any(each == "postgres" for each in parameters):
            item.add_marker(pytest.mark.servers)


def pytest_collection_finish() -> None:
    """Search for garbage again, and never among the tests themselves, which stay to the end."""
    gc.freeze()
    gc.enable()
    gc.set_threshold(20_000, 20, 20)


@pytest.fixture
def measured(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Give a function that keeps a sentence of what was measured; the end of the run tells it."""
    return lambda said: request.node.user_properties.append(("measured", said))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tell what was measured, of the tests that passed."""
    for report in terminalreporter.stats.get("passed", ()):
        for name, said in getattr(report, "user_properties", ()):
            if name == "measured" and report.when == "call":
                terminalreporter.write_line(
                    f"measured: {report.nodeid.rpartition('::')[2]}: {said}"
                )
