"""A reference leads to the same answer of the same ledger, whatever its title holds."""

import json
import re
import shlex
import shutil
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from cli.commands.ask.cite import bibtex_entry, csl_item, date_parts, tex
from events.store.sqlite.reader import RecordReader

Ask = Callable[..., Any]
# What CSL 1.0.2 has of csl-data.json, as far as it goes for a reference of ours.
TEXTS = ("title", "URL", "version", "note", "publisher", "container-title", "abstract", "archive")
DATE = {
    "type": "object",
    "properties": {
        "date-parts": {
            "type": "array",
            "items": {
                "type": "array",
                "items": {"type": ["string", "number"]},
                "minItems": 1,
                "maxItems": 3,
            },
            "minItems": 1,
            "maxItems": 2,
        },
        "circa": {"type": ["string", "number", "boolean"]},
    },
    "additionalProperties": False,
}
NAME = {
    "type": "object",
    "properties": {name: {"type": "string"} for name in ("family", "given", "literal")},
    "additionalProperties": False,
}
CSL = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {
            "type": {"enum": ["dataset", "document", "webpage"]},
            "id": {"type": ["string", "number"]},
            "author": {"type": "array", "items": NAME},
            "issued": DATE,
            "accessed": DATE,
            "custom": {"type": "object"},
            **{name: {"type": "string"} for name in TEXTS},
        },
        "required": ["type", "id"],
        "additionalProperties": False,
    },
}
HOSTILE = "Zürich & Söhne {50%} #1_~^\\ <a|b> $x$ 日本銀行 } --"


def leaf(entry: bytes) -> bytes:
    return sha256(b"\x00" + entry).digest()


def naive_root(entries: list[bytes]) -> bytes:
    """Return the hash of a tree as RFC 6962, 2.1 defines it."""
    if len(entries) == 1:
        return leaf(entries[0])
    half = 1 << ((len(entries) - 1).bit_length() - 1)
    return sha256(b"\x01" + naive_root(entries[:half]) + naive_root(entries[half:])).digest()


def entries(ledger: Path) -> list[bytes]:
    with RecordReader(ledger / "record.sqlite3") as record:
        return [row.state for row in record.rows()]


def fields(entry: str) -> tuple[str, dict[str, str]]:
    """Read an entry of BibTeX as BibTeX does: what stands between braces, which nest."""
    head = re.match(r"@misc\{([^,{}]+),\n", entry)
    assert head is not None
    found, at = {}, head.end()
    while (named := re.compile(r"\s*(\w+) = ").match(entry, at)) is not None:
        at = named.end()
        if entry[at] != "{":
            word = re.compile(r"\w+").match(entry, at)
            assert word is not None
            found[named[1]], at = word[0], word.end()
        else:
            begun, depth = at, 0
            while True:
                depth += {"{": 1, "}": -1}.get(entry[at], 0)
                at += 1
                if depth == 0:
                    break
            found[named[1]] = entry[begun + 1 : at - 1]
        assert entry[at] == ","
        at += 1
    assert entry[at:].strip() == "}"
    return head[1], found


def as_typeset(text: str) -> str:
    """Return what LaTeX prints for a text of ours."""
    words = {
        "textbackslash": "\\",
        "textbraceleft": "{",
        "textbraceright": "}",
        "textasciitilde": "~",
        "textasciicircum": "^",
        "textless": "<",
        "textgreater": ">",
        "textbar": "|",
    }
    text = re.sub(r"\{\\(\w+)\}", lambda m: f"\x00{ord(words[m[1]])};", text)
    text = re.sub(r"\\([&%$#_])", r"\1", text).replace("-{}-", "--").strip("{}")
    return re.sub(r"\x00(\d+);", lambda m: chr(int(m[1])), text)


@pytest.fixture
def cited(document: Ask) -> Callable[..., Any]:
    """Cite as a script, and give the item of CSL-JSON, which the schema allows."""

    def run(*arguments: str, **options: Any) -> Any:
        found = document("cite", *arguments, **options)
        assert [error.message for error in Draft7Validator(CSL).iter_errors(found)] == []
        return found[0]

    return run


def test_an_answer_is_cited_with_all_that_finds_it_again(
    cited: Ask, document: Ask, the_story: Path
) -> None:
    found = cited("reserve/sv", "--as-of", "2025-07-18", "--known-at", "@300")
    assert (found["type"], found["title"]) == ("dataset", "El Salvador (reserve/sv)")
    custom = found["custom"]
    assert (custom["as_of"], custom["known_at"], found["version"]) == ("2025-07-18", 300, "@300")
    assert custom["root"] == naive_root(entries(the_story)[:300]).hex()
    again = document(*shlex.split(custom["reproduce"])[1:])
    assert (again["as_of"], again["known_at"]) == ("2025-07-18", 300)
    assert custom["reproduce"] == again["reproduce"]
    assert custom["ledger"]["id"] in found["note"]
    assert found["author"] == [{"literal": custom["ledger"]["origin"]}]


def test_the_policy_is_cited_with_its_digest(cited: Ask, tmp_path: Path, document: Ask) -> None:
    path = tmp_path / "trust.toml"
    path.write_text('parties = ["party/imf"]\n')
    found = cited("reserve/sv", "--policy", str(path))
    digest = found["custom"]["policy"]["digest"]
    assert digest in found["note"]
    assert document(*shlex.split(found["custom"]["reproduce"])[1:])["policy"]["digest"] == digest


def test_the_key_is_that_of_the_answer(cited: Ask) -> None:
    asked = ("reserve/sv", "--as-of", "2025-07-18", "--known-at", "@300")
    key = cited(*asked)["id"]
    assert key == cited(*asked, "--policy", "primary-first")["id"]
    others = [
        cited("reserve/sv", "--as-of", "2025-07-19", "--known-at", "@300")["id"],
        cited("reserve/sv", "--as-of", "2025-07-18", "--known-at", "@301")["id"],
        cited(*asked, "--policy", "latest")["id"],
        cited("agreement/pk-sv-bitcoin-2025", *asked[1:])["id"],
    ]
    assert len({key, *others}) == 5
    assert all(re.fullmatch(r"[a-z0-9-]+", one) for one in (key, *others))
    assert cited("source/article")["id"] == cited("source/article", "--known-at", "@300")["id"]


def test_an_event_is_cited_with_the_hash_of_its_leaf(cited: Ask, the_story: Path) -> None:
    found = cited("@7")
    assert found["custom"]["leaf"] == leaf(entries(the_story)[6]).hex()
    assert found["custom"]["event"] == "@7"
    assert found["custom"]["reproduce"] == "depositary event show @7"
    assert "(event @7)" in found["title"]
    by_id = cited(found["custom"]["subject"])
    assert by_id == found


def test_a_source_is_cited_itself(cited: Ask, counter: Ask) -> None:
    found = cited("source/ainvest")
    assert (found["type"], found["author"]) == ("webpage", [{"literal": "AInvest"}])
    assert found["title"].startswith("Bitcoin News Today: El Salvador")
    assert found["URL"].startswith("https://www.ainvest.com/")
    article = cited("source/article")
    assert "issued" not in article  # on or after a day is no day
    assert "published [2025-07-18..]" in article["note"].lower()
    assert article["accessed"] == {"date-parts": [[2026, 11, 24]]}
    text = counter("cite", "source/ainvest").out
    assert found["URL"] in text
    assert "Accessed" not in text  # nothing says when it was retrieved


def test_titles_are_no_commands(the_story: Path, tmp_path: Path, counter: Ask, cited: Ask) -> None:
    ledger = shutil.copytree(the_story, tmp_path / "ledger")
    facts = tmp_path / "facts.toml"
    facts.write_text(
        f"""
[[fact]]
type = "source.cited"
subject = "source/hostile"
publisher = "party/onbtc"
title = {json.dumps(HOSTILE, ensure_ascii=False)}
locator = "https://example.org/a_b%20{{c}}?x=1&y=~z#d"
published = "2025-07"
asserted_by = "party/recorder"
basis = "recorder"
"""
    )
    assert counter("append", str(facts), ledger=ledger).code == 0
    found = cited("source/hostile", ledger=ledger)
    assert (found["title"], found["issued"]) == (HOSTILE, {"date-parts": [[2025, 7]]})
    ran = counter("cite", "source/hostile", "--format", "bibtex", ledger=ledger)
    key, read = fields(ran.out)
    assert key == found["id"]
    assert as_typeset(read["title"]) == HOSTILE
    assert (read["year"], read["month"]) == ("2025", "jul")
    assert read["url"] == "https://example.org/a_b%20%7Bc%7D?x=1&y=~z#d"
    assert "日本銀行" in read["title"]


@pytest.mark.parametrize("what", ["reserve/sv", "@7", "source/article", "party/imf"])
def test_bibtex_says_what_csl_says(what: str, counter: Ask, cited: Ask) -> None:
    item = cited(what)
    key, read = fields(counter("cite", what, "--format", "bibtex").out)
    assert key == item["id"]
    assert as_typeset(read["title"]) == item["title"]
    if "issued" in item:
        assert read["year"] == str(item["issued"]["date-parts"][0][0])
    if item["type"] == "dataset":
        assert item["custom"]["root"] in read["note"]
        assert tex(item["custom"]["reproduce"]) in read["note"]


def texts() -> Iterator[str]:
    """Yield all characters that TeX or BibTeX read as something else, alone and in pairs."""
    marks = "\\{}~^&%$#_<>|-\"'@,=é日 a"
    yield from marks
    yield from (one + other for one in marks for other in marks)


def test_no_text_opens_or_closes_a_brace() -> None:
    for text in texts():
        written = tex(text)
        assert written.count("{") == written.count("}")
        _, read = fields(
            "\n".join(
                bibtex_entry(
                    {
                        **dict.fromkeys(("author", "url", "issued", "accessed", "version")),
                        "key": "k",
                        "type": "document",
                        "title": text,
                        "note": [text],
                        "custom": {},
                    }
                )
            )
        )
        assert read["note"] == written


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("2025-07-18", [[2025, 7, 18]]),
        ("2025-07", [[2025, 7]]),
        ("2025", [[2025]]),
        ("2025-07-18T23:30:00-06:00", [[2025, 7, 19]]),
        ("[2025-07-16..2025-07-18]", [[2025, 7, 16], [2025, 7, 18]]),
        ("2025-12-3X", [[2025, 12, 30], [2025, 12, 31]]),
        ("[2025-07-18..]", None),
        ("[..2025-07-18]", None),
    ],
)
def test_a_date_is_as_exact_as_it_was_written(text: str, parts: list[list[int]] | None) -> None:
    assert date_parts(text) == parts


def test_a_checkpoint_that_covers_the_position_is_named(
    the_story: Path, tmp_path: Path, counter: Ask, cited: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    ledger = shutil.copytree(the_story, tmp_path / "ledger")
    assert "checkpoint" not in cited("reserve/sv", ledger=ledger)["custom"]
    assert counter("key", "new", "--no-passphrase", ledger=ledger).code == 0
    assert counter("checkpoint", ledger=ledger).code == 0
    size = len(entries(ledger))
    root = naive_root(entries(ledger)).hex()
    for known_at in (300, size):
        custom = cited("reserve/sv", "--known-at", f"@{known_at}", ledger=ledger)["custom"]
        assert custom["checkpoint"] == {"size": size, "root": root}
        assert custom["root"] == naive_root(entries(ledger)[:known_at]).hex()


def test_what_cannot_be_cited_is_said(turned_away: Ask) -> None:
    turned_away(3, "cite", "reserve/xx")
    turned_away(3, "cite", "@999")
    turned_away(2, "cite", "reserve/sv", "--format", "bib")
    turned_away(2, "cite", "reserve/sv", "--csv")
    turned_away(3, "cite", "@7", "--known-at", "@6")


def test_csl_leaves_out_what_is_unknown() -> None:
    empty = dict.fromkeys(("author", "url", "issued", "accessed", "version"))
    item = csl_item(
        {**empty, "key": "k", "type": "document", "title": "t", "note": ["n"], "custom": {}}
    )
    assert item == {"id": "k", "type": "document", "title": "t", "note": "n", "custom": {}}
