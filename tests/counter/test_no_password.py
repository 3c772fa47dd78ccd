"""Is a password repeated by no error, however it is written?"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cli.output.streams import without_passwords

Ask = Callable[..., Any]

SECRET = "hunter2.and-more"  # noqa: S105 - what must not be seen anywhere
SPELLINGS = [
    f"postgresql://me:{SECRET}@h/d",
    f"POSTGRESQL://me:{SECRET}@h/d",
    f"Postgres://me:{SECRET}@h/d",
    f" postgresql://me:{SECRET}@h/d",
    f"'postgresql://me:{SECRET}@h/d'",
    f"postgresql:/me:{SECRET}@h/d",
    f"postgresql:me:{SECRET}@h/d",
    f"postgresql:///d?host=h&password={SECRET}",
    f"postgresql:///d?p%61ssword={SECRET}",
    f"postgresql://h/d?PASSWORD={SECRET}",
    f"postgresql+psycopg://me:{SECRET}@h/d",
    f"mysql://me:{SECRET}@h/d",
    f"https://me:{SECRET}@example.org/x",
    f"host=h user=me password={SECRET}",
    f"host=h password = '{SECRET} x'",
    f"sslpassword={SECRET}",
    f"me:{SECRET}@h/d",
    f"PGPASSWORD={SECRET}",
    f"postgresql://me:a/{SECRET}@h/d",
    f"postgresql://me:a@{SECRET}@h/d",
    f"postgresql://me%3A{SECRET}@h/d",
]
COMMANDS: list[tuple[str, ...]] = [
    ("--ledger", "{}", "status"),
    ("--ledger={}", "status"),
    ("status", "--ledger", "{}"),
    ("{}",),
    ("show", "{}"),
    ("party", "show", "{}"),
    ("party", "{}"),
    ("init", "{}"),
    ("init", "x", "--database", "{}"),
    ("init", "x", "--database={}"),
    ("copy", "{}", "x"),
    ("copy", ".", "{}"),
    ("restore", "{}", "x"),
    ("trust", "{}"),
    ("append", "{}"),
    ("import", "csv", "{}"),
    ("help", "{}"),
    ("event", "show", "{}"),
    ("record", "party.established", "{}"),
    ("record", "{}"),
    ("--{}",),
    ("log", "--type", "{}"),
    ("audit", "--against", "{}"),
    ("verify", "{}"),
    ("query", "select {}"),
]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_no_error_repeats_a_password(
    spelling: str, ask: Ask, ledger: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for words in COMMANDS:
        filled = [word.replace("{}", spelling) for word in words]
        for more in ((), ("-v",), ("--json",)):
            ran = ask(*more, *filled)
            assert SECRET not in ran.err, (more, words)
    monkeypatch.setenv("DEPOSITARY_LEDGER", spelling)
    for more in ((), ("-v",), ("--json",)):
        assert SECRET not in ask(*more, "status").err
    (tmp_path / "depositary.toml").write_text(f"database = {spelling!r}\n")
    monkeypatch.delenv("DEPOSITARY_LEDGER")
    for more in ((), ("-v",), ("--json",)):
        assert SECRET not in ask(*more, "status").err


@pytest.mark.parametrize(
    "text",
    [
        "the record holds @1 to @6",
        "postgresql://me@h/d refuses the password.",
        "12:30 @7, and x = 1",
        "C:/a/b",
        "name@example.org",
        "depositary --ledger postgresql://h/d?schema=x status",
        "see https://example.org/a:b",
    ],
)
def test_what_is_no_password_stays(text: str) -> None:
    assert without_passwords(text) == text


def test_a_proof_replaces_no_file_and_follows_no_link(
    ask: Ask, ledger: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    assert ask("key", "new", "--no-passphrase").code == 0
    assert ask("checkpoint").code == 0
    mine = tmp_path / "mine"
    mine.write_text("precious")
    for name in ("file", "file.entry", "link", "link.entry"):
        where = tmp_path / name
        if name.startswith("link"):
            where.symlink_to(mine)
        else:
            where.write_text("precious")
    for name in ("file", "link"):
        (tmp_path / "only").mkdir(exist_ok=True)
        ran = ask("prove", "@2", "-o", tmp_path / name)
        assert ran.code == 7, ran
        assert "is left as it is" in ran.err
    dangling = tmp_path / "only" / "dangling"
    dangling.symlink_to(tmp_path / "nowhere")
    assert ask("prove", "@2", "-o", dangling).code == 7
    (tmp_path / "only" / "new.entry").write_text("precious")
    assert ask("prove", "@2", "-o", tmp_path / "only" / "new").code == 7
    assert not (tmp_path / "only" / "new").exists(), "both, or none"
    assert mine.read_text() == "precious"
    assert not (tmp_path / "nowhere").exists()
    assert ask("prove", "@2", "-o", tmp_path / "only" / "proof").code == 0
    assert ask("prove", "@2", "-o", tmp_path / "only" / "proof").code == 7
    assert sorted(path.name for path in (tmp_path / "only").iterdir()) == [
        "dangling",
        "new.entry",
        "proof",
        "proof.entry",
    ]
