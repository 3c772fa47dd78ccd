"""Every example of the help runs on the bundled story, as it is written."""

import re
import shlex
from pathlib import Path

import pytest

from tests.each import each
from tests.house.test_commands import LEAVES
from tests.papers.every_command import fixed, run

FACT = """\
[[fact]]
type = "reserve.acquired"
subject = "reserve/sv"
amount = "1 BTC"
mode = "purchase"
effective = "2026-01-02"
asserted_by = "party/onbtc"
basis = "own-publication"
sources = [{ source = "source/onbtc", published = "2026-01-02" }]
"""
MAP = """\
[[fact]]
type = "party.established"
subject = "party/{Id}"
[fact.fields]
name = "{Name}"
type = "agency"
asserted_by = "party/recorder"
basis = "recorder"
"""
FILES = {
    "facts.toml": FACT,
    "members.csv": "Id,Name\nexample-office,Office of Examples\n",
    "members.toml": MAP,
    "purchases.csv": "Date,BTC\n2026-01-03,1\n",
    "daily.csv": "Date,BTC_USD\n2026-01-03,90000\n",
    "report.pdf": "%PDF-1.4\n",
    "post.html": "<p>A post.</p>\n",
}
# What a reader has of their own: an id, which a command printed before.
LEDGER_ID = "0d2f4a3c-8a51-4c6e-9b55-6f1f5f0a7c11"
OTHER_ID = "7c11d2f4-8a51-4c6e-9b55-6f1f5f0a0d2f"
FIRST = ("import", "export", "key new", "checkpoint", "prove", "publish", "verify", "audit")
LAST = ("pin show", "pin delete", "key rotate", "key revoke")
# Their options come from a type.
WITH_FIELDS = ("depositary record", "depositary correct", "depositary add")
# They ask on a terminal, or run until they are stopped.
INTERACTIVE = ("depositary add", "depositary serve")
# 1 is an answer too; there is no other ledger whose key could be forgotten.
CODES = {f"depositary pin delete {OTHER_ID} --json": 3}


def examples(words: str) -> list[str]:
    """Return the examples of a command, each in one line."""
    _, _, below = (LEAVES[words].help or "").partition("Examples:\n")
    lines = re.sub(r"\\\n\s*", "", below).splitlines()
    return [line.strip() for line in lines if line.strip()]


@each("words", LEAVES)
def test_a_command_has_two_examples(words: str) -> None:
    found = examples(words)
    assert len(found) >= 2
    assert [one for one in found if not one.startswith(f"{words} ") and one != words] == []


@each("words", [words for words in LEAVES if words not in WITH_FIELDS])
def test_the_options_of_an_example_are_those_of_its_command(words: str) -> None:
    command = LEAVES[words]
    for example in examples(words):
        line, _, _ = example.removeprefix(words).partition(" > ")
        context = command.context_class(command, info_name=words, **command.context_settings)
        command.make_parser(context).parse_args(shlex.split(line))


def in_order(words: str) -> int:
    name = words.removeprefix("depositary ")
    if name in FIRST:
        return FIRST.index(name)
    return 101 + LAST.index(name) if name in LAST else 100


@pytest.mark.long
def test_every_example_runs_on_the_demo(tmp_path: Path) -> None:
    folder = tmp_path.resolve()
    wrong = []
    with fixed(folder):
        run("demo story", folder)
        for name, text in FILES.items():
            (folder / name).write_text(text, "utf-8")
        story = re.search(r"^id +(\S+)", run("status", folder).text, re.MULTILINE)
        assert story
        for words in sorted((w for w in LEAVES if w not in INTERACTIVE), key=in_order):
            for example in examples(words):
                line, _, file = example.removeprefix("depositary ").partition(" > ")
                printed = run(line.replace(LEDGER_ID, story[1]), folder)
                if file and not file.startswith("~"):
                    (folder / file).write_text(printed.text, "utf-8")
                if words == "depositary key new" and "--recovery" not in line:
                    (folder / "ledger.vkey").write_text(printed.text.split()[0], "utf-8")
                if printed.code not in (0, 1, CODES.get(example)):
                    wrong.append((example, printed.code, printed.text))
    assert wrong == []
