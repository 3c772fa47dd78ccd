"""What do the tests of proofs start from?

A ledger of thirty events, signed after twenty and after thirty and cosigned by a witness: made
once, copied for each test, also into PostgreSQL. Keys and what was signed last are in a folder of
the test's own.
"""

import shutil
from pathlib import Path

import pytest

from domain.ledger import Ledger
from events.store.copy import copy_record
from events.store.factory import open_tree
from events.store.location import Address
from events.store.settings import SETTINGS, settings_text
from events.store.trusted_folders import trust_folder
from events.transparency.note import parse_note
from tests.faults.servers import Script, Server
from tests.proofs.kit import WITNESS, WITNESS_KEY, Ask, Signed, cosign, establish, run, settle, well

EVENTS = 30


@pytest.fixture(scope="session")
def signed_once(tmp_path_factory: pytest.TempPathFactory) -> Signed:
    folder = tmp_path_factory.mktemp("proofs")
    made = Signed(folder / "ledger", folder / "config")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("XDG_CONFIG_HOME", str(made.config))
        patched.setenv("DEPOSITARY_LEDGER", str(made.folder))
        well(run("init", made.folder, "--name", "example.org/ledger"))
        well(run("key", "new", "--no-passphrase"))
        with Ledger(made.record) as ledger:
            establish(ledger, [f"state-{n}" for n in range(18)])
        well(run("checkpoint"))
        with Ledger(made.record) as ledger:
            establish(ledger, [f"union-{n}" for n in range(10)])
        note = parse_note(well(run("checkpoint")).out.encode())
        with open_tree(made.record, write=True) as tree:
            line = cosign(note.text, WITNESS_KEY.name, WITNESS, WITNESS_KEY.public, 1_753_000_000)
            tree.add_cosignature(EVENTS, str(WITNESS_KEY), str(line)[:-1])
        well(run("status"))  # the answers catch up
    settle(made.record)
    return made


@pytest.fixture
def signed_in_file(signed_once: Signed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Signed:
    """Give that ledger and its keeper's keys to one test alone."""
    mine = Signed(tmp_path / "ledger", tmp_path / "config")
    shutil.copytree(signed_once.folder, mine.folder)
    shutil.copytree(signed_once.config, mine.config)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(mine.config))
    monkeypatch.setenv("DEPOSITARY_LEDGER", str(mine.folder))
    monkeypatch.chdir(tmp_path)
    return mine


@pytest.fixture(scope="session")
def script_once(signed_once: Signed, postgres_server: Server) -> Script:
    """Give what makes the record of that ledger in a database."""
    where = Address.parse(postgres_server.address()).with_schema("signed_once")
    copy_record(signed_once.record, where)
    return postgres_server.script(where.schema)


@pytest.fixture(params=["sqlite", "postgres"])
def signed(request: pytest.FixtureRequest, signed_in_file: Signed) -> Signed:
    """Give it with its record in a file of its folder, and then in a database."""
    if request.param == "sqlite":
        return signed_in_file
    database = request.getfixturevalue("address")
    request.getfixturevalue("script_once").run(database.schema)
    for file in signed_in_file.folder.glob("*.sqlite3*"):
        file.unlink()
    settings = settings_text("example.org/ledger", database)
    (signed_in_file.folder / SETTINGS).write_text(settings, "utf-8")
    trust_folder(signed_in_file.folder, database)
    return signed_in_file._replace(database=database)


@pytest.fixture
def ask() -> Ask:
    """Run `depositary ARGUMENTS` in this process."""
    return run


@pytest.fixture
def openssl() -> str:
    found = shutil.which("openssl")
    if found is None:
        pytest.skip("openssl is not installed")
    return found
