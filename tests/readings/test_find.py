"""Does a search find what its definition says, in any script (docs/spec/answers.md, 21.11)?"""

import re
import sqlite3
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.claims.claim import Claim, Clocks, begun_by
from domain.claims.effective_claims import effective_claims
from events.body import RECORDER, SourceRef
from events.kinds.claim_events import Corrected, Retracted, SameOccurrence
from events.kinds.party import Established, Stated
from projections.queries.find import Hits, Wanted, find_claims, read_terms
from projections.read_model.database import ReadModel
from projections.read_model.rebuild import make_answers
from projections.read_model.stored_answers import stored_answers
from projections.read_model.texts import INSERT_TEXT
from tests.effort import examples
from tests.properties.histories import AGREEMENT, RESERVE, SOURCE, histories, plain
from tests.readings.served import Fact, Record, a_record

DAY = date(2026, 11, 1)
SOURCES = (SourceRef(source="source/post", published="2026-10-01"),)


def named(name: str, slug: str = "x") -> Fact:
    body = Established(asserted_by=RECORDER, basis="recorder", name=name, type="state")
    return Fact(f"party/{slug}", "party.established", body)


def stated(gist: str, slug: str = "x", published: str = "2026-10-01", **own: Any) -> Fact:
    sources = (SourceRef(source="source/post", published=published),)
    body = Stated(asserted_by="party/y", basis="press", sources=sources, gist=gist, **own)
    return Fact(f"party/{slug}", "party.stated", body)


def corrected(target: str, gist: str, reason: str = "recording-error", **own: Any) -> Fact:
    new = stated(gist).body
    body = Corrected(
        asserted_by="party/y",
        basis="press",
        sources=own.pop("sources", SOURCES),
        target=target,
        reason=reason,  # type: ignore[arg-type]
        data_type="party.stated.v1",
        data=plain(new),
    )
    return Fact(target.rpartition("/")[0], "claim.corrected", body)


def retracted(target: str) -> Fact:
    body = Retracted(
        asserted_by="party/y", basis="press", sources=SOURCES, target=target, reason="other"
    )
    return Fact(target.rpartition("/")[0], "claim.retracted", body)


@contextmanager
def answers_of(facts: list[Fact], *, at_once: bool = True) -> Iterator[ReadModel]:
    with a_record(DAY) as record:
        for several in [facts] if at_once else [[fact] for fact in facts]:
            record.add(several)
            if not at_once:
                taken_up(record)
        with record.reader() as reader, ReadModel.open(reader, record.answers) as answers:
            yield answers


def taken_up(record: Record) -> None:
    with record.reader() as reader, ReadModel.open(reader, record.answers):
        pass


def asked(answers: ReadModel, text: str, clocks: Clocks | None = None, **wanted: Any) -> Hits:
    dated = wanted.pop("dated", False)
    terms = read_terms(text)
    return find_claims(answers, terms, clocks or Clocks(DAY), Wanted(**wanted), dated=dated)


def ids(hits: Hits) -> list[str]:
    return [row["id"] for row in hits.rows]


# What was written, and what people type for it.
SPELLINGS = [
    ("Côte d'Ivoire", "cote d ivoire", "Cote d'Ivoire", "CÔTE", "cote d’ivoire"),
    ("Türkiye", "turkiye", "TÜRKİYE", "türk"),
    ("İstanbul", "istanbul", "ISTANBUL", "\u0131stanbul"),
    ("Владимир Путин", "владимир", "ВЛАДИМИР", "путин влад"),
    ("Королёв", "королев"),
    ("日本銀行", "日本", "銀行", "日", "行", "日本銀行", '"日本銀行"'),
    ("東京2020年報告", "東京", "2020", "報告"),
    ("ガーナ共和国", "ガーナ", "共和国"),
    ("大韓民国 (대한민국)", "민국", "대한민국"),
    ("ราชอาณาจักรไทย", "ไทย", "อาณาจักร"),
    ("Straße der Verträge", "strasse", "STRASSE", "vertrage", "straße"),
    ("مُعَاهَدَة فِيِنَّا", "معاهدة", "فينا", "معاهده"),
    ("إيران", "ايران", "ايران"),
    ("Ἑλληνικὴ Δημοκρατία", "ελληνικη", "ΔΗΜΟΚΡΑΤΙΑ"),
    ("שָׁלוֹם", "שלום"),
    ("Łódź and Ørsted", "lodz", "orsted"),
    ("Việt Nam", "viet nam", "Viet"),
    ("भारत गणराज्य", "भारत", "गणराज्य"),
    ("over 6,240 BTC", "6240", "6,240", "btc"),
    ("on 2025-07-16 in San Salvador", "2025-07-16", "san-salvador"),
    ("ﬁnance \uff12\uff10\uff12\uff15", "finance 2025"),
    ('say "AND" OR NOT (x) * ^ : - + NEAR/2 {names}', "and", '"AND OR NOT"', "near/2", "{names}"),
    ("100% _ ' ; DROP TABLE texts --", "100%", "drop table", "';--drop"),
]


@pytest.mark.parametrize("spelling", SPELLINGS, ids=lambda one: one[0])
def test_a_name_is_found_however_it_is_typed(spelling: tuple[str, ...]) -> None:
    with answers_of([named(spelling[0]), named("Another", "other")]) as answers:
        for typed in spelling:
            assert ids(asked(answers, typed)) == ["party/x/1"], typed


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("Côte d'Ivoire", "ivory"),
        ("Pakistan", "akistan"),  # a word is found by its beginning, not by its middle
        ("Pakistan", '"pakist"'),  # a phrase has whole words
        ("Nauru", "na"),  # two letters begin no word
        ("日本銀行", "日銀"),
        ("letter of intent", '"of letter"'),
        ("x", "name"),  # a field's name
        ("x", "state party"),
    ],
)
def test_what_does_not_hold_the_words_is_not_found(name: str, typed: str) -> None:
    with answers_of([named(name)]) as answers:
        assert asked(answers, typed).total == 0


def test_a_phrase_stands_within_one_text() -> None:
    facts = [stated("the letter", note="of intent"), stated("a letter of intent")]
    with answers_of(facts) as answers:
        assert ids(asked(answers, '"letter of intent"')) == ["party/x/2"]
        assert ids(asked(answers, "intent letter")) == ["party/x/2", "party/x/1"]


def test_names_come_first_and_the_very_name_before_all() -> None:
    facts = [
        named("Chad", "td"),
        stated("Chad says so", "z"),
        named("Lake Chad Basin Commission", "lcbc"),
        stated("Chadian figures", "z"),
        named("Chadwick", "w"),
    ]
    with answers_of(facts) as answers:
        found = asked(answers, "chad")
        assert ids(found) == ["party/td/1", "party/lcbc/1", "party/w/1", "party/z/1", "party/z/2"]
        assert [row["where"] for row in found.rows] == ["name"] * 3 + ["gist"] * 2
        assert (found.total, found.complete) == (5, True)
        few = asked(answers, "chad", limit=2)
        assert (ids(few), few.total) == (ids(found)[:2], 5)


def test_a_subject_is_found_by_its_id() -> None:
    with answers_of([stated("so", "onbtc"), stated("so", "onbtc")]) as answers:
        assert ids(asked(answers, "onbtc")) == ["party/onbtc/1"]


def test_a_snippet_shows_the_words() -> None:
    long = "word " * 60 + "memorandum" + " word" * 60
    with answers_of([stated(long), stated("約" * 200 + "覚書" + "約" * 200)]) as answers:
        (row,) = asked(answers, "memorandum").rows
        assert "memorandum" in row["snippet"]
        assert len(row["snippet"]) < 90
        assert row["snippet"][0] == "…" == row["snippet"][-1]
        (row,) = asked(answers, "覚書").rows
        assert "覚書" in row["snippet"]


def test_only_what_is_wanted() -> None:
    facts = [named("Treaty house"), stated("treaty", about=("agreement/t",)), named("Y", "y")]
    with answers_of(facts) as answers:
        assert ids(asked(answers, "treaty", type="party.stated")) == ["party/x/2"]
        assert ids(asked(answers, "treaty", party="party/y")) == ["party/x/2"]
        assert ids(asked(answers, "treaty", kind="party", party=RECORDER)) == ["party/x/1"]
        assert asked(answers, "treaty", kind="reserve").total == 0
        assert ids(asked(answers, "treaty", party="party/x")) == ["party/x/1", "party/x/2"]


def test_an_index_that_holds_other_words_is_not_what_the_record_says() -> None:
    with a_record(DAY) as record:
        record.add([named("Chad"), stated("so it is")])
        taken_up(record)
        with record.reader() as reader:
            made = make_answers(reader, None)
            assert stored_answers(reader, record.answers) == made
            with closing(sqlite3.connect(str(record.answers))) as stored:
                stored.execute(INSERT_TEXT, (1, "", "§ more §", ""))
                stored.commit()
            assert stored_answers(reader, record.answers) != made


@pytest.mark.parametrize("at_once", [True, False])
def test_what_was_replaced_or_taken_back_is_not_found(at_once: bool) -> None:
    facts = [
        stated("the first wording"),  # 2
        corrected("party/x/1", "the second wording"),  # 3
        stated("a third saying"),  # 4
        retracted("party/x/3"),  # 5
        retracted("party/x/2"),  # 6: the first wording is back
        retracted("party/x/4"),  # 7: and so is the third saying
    ]
    with answers_of(facts, at_once=at_once) as answers:

        def found(text: str, known_at: int) -> list[int]:
            return [
                row["position"] for row in asked(answers, text, Clocks(DAY, None, known_at)).rows
            ]

        assert found("first", 2) == [2]
        assert (found("first", 3), found("second", 3)) == ([], [2])
        assert found("third", 4) == [4]
        assert found("third", 5) == []
        assert (found("first", 6), found("second", 6)) == ([2], [])
        assert (found("third", 6), found("third", 7)) == ([], [4])
        with_all = [asked(answers, word).total for word in ("first", "second", "third")]
        assert with_all == [1, 0, 1]


def test_nothing_later_is_found() -> None:
    facts = [
        stated("early", published="2026-01-05"),
        stated("late", published="2026-09-05"),
        stated("some time", published="[2026-01-01..2026-09-09]"),
        stated("ahead", effective="2026-06-01"),
    ]
    with answers_of(facts) as answers:
        then = Clocks(DAY, date(2026, 2, 1))
        assert [asked(answers, word, then).total for word in ("early", "late")] == [1, 0]
        (row,) = asked(answers, "some time", then).rows
        assert row["perhaps"]
        early = Clocks(date(2026, 5, 1))
        assert asked(answers, "ahead", early).total == 1
        assert asked(answers, "ahead", early, dated=True).total == 0
        assert asked(answers, "ahead", Clocks(date(2026, 6, 1)), dated=True).total == 1


def test_a_link_whose_correction_states_a_fact_bears_no_text() -> None:
    told: dict[str, Any] = {"asserted_by": "party/y", "basis": "press", "sources": SOURCES}
    link = SameOccurrence(**told, target="party/x/1", with_="party/x/2")
    facts = [stated("one"), stated("two"), Fact("party/x", "claim.same-occurrence", link)]
    with a_record(DAY) as record:
        for fact in (*facts, corrected("party/x/3", "no saying")):
            record.add([fact])
            taken_up(record)
        with record.reader() as reader, ReadModel.open(reader, record.answers) as answers:
            assert asked(answers, "saying").total == 0
            assert make_answers(reader, None) == (answers.position, answers.digest())


# The naive scan: every claim that stands, and the words of its fields.

Draw = Callable[..., Any]
SCENES = (("reserve/x", RESERVE), ("agreement/x", AGREEMENT[:4]), ("source/x", SOURCE))
WORDS: tuple[str, ...] = (
    "letter",
    "intent",
    "it",
    "says",
    "itself",
    "post",
    "another",
    "memorandum",
    "the",
    "mem",
)
WORDS += ("2025-07-16", "2025-07", "x", "purchase", "energy", '"of intent"', "lapsed", "none")
NOT_SEARCHED = {"asserted_by", "basis", "sources", "zone", "relayed", "key", "unit", "sha256"}
NOT_SEARCHED |= {"media_type"}
_ID = re.compile(r"(party|source|agreement|reserve)/[a-z0-9/-]+").fullmatch


def naive_words(text: str) -> list[str]:
    kept = [c for c in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(c)]
    found = re.findall(r"\d{4}-\d\d-\d\d|[a-z0-9]+", "".join(kept))
    return [word.replace("-", "") for word in found]


def naive_texts(given: Any) -> Iterator[str]:
    if isinstance(given, dict):
        for key, inner in given.items():
            if key not in NOT_SEARCHED:
                yield from naive_texts(inner)
    elif isinstance(given, list):
        for one in given:
            yield from naive_texts(one)
    elif isinstance(given, str) and not _ID(given):
        yield given


def naive_scan(claims: list[Claim], text: str, clocks: Clocks, *, dated: bool) -> set[str]:
    known = [c for c in claims if clocks.known_at is None or c.position <= clocks.known_at]
    found = set()
    for perhaps in (False, True):
        stands = effective_claims(known, clocks, perhaps=perhaps)
        for claim in (*stands.claims, *stands.denials, *stands.resolutions):
            undated = claim.type in ("agreement.described", "source.cited", "source.archived")
            if dated and not undated and begun_by(claim, clocks) == "no":
                continue
            data = plain(claim.body)
            texts = list(naive_texts(data))
            if claim.version == 1 or claim.corrected_by or data.keys() & {"name", "title", "label"}:
                texts.append(claim.thing.partition("/")[2])
            if all(naive_holds(texts, word) for word in text.split(" ")):
                found.add(claim.id)
    return found


def naive_holds(texts: list[str], word: str) -> bool:
    looked_for = " ".join(naive_words(word))
    begins = "" if '"' in word or len(looked_for.split()[-1]) < 3 else r"\w*"
    pattern = re.compile(rf"(^| ){looked_for}{begins}( |$)")
    return any(pattern.search(" ".join(naive_words(text))) for text in texts)


@st.composite
def searches(draw: Draw) -> Any:
    claims = draw(histories(12, SCENES))
    last = claims[-1].position + 1  # one event opens the ledger
    words = draw(
        st.lists(st.sampled_from([w for w in WORDS if " " not in w]), min_size=1, max_size=2)
    )
    day = draw(st.sampled_from([date(2025, 7, 16), date(2025, 7, 18), DAY]))
    public = draw(st.none() | st.sampled_from([date(2025, 7, 17), date(2025, 7, 18)]))
    known = draw(st.none() | st.integers(2, last))
    return claims, " ".join(words), Clocks(day, public, known), draw(st.booleans())


@settings(max_examples=examples(40))
@given(searches(), st.integers(0, 12))
def test_a_search_finds_what_a_scan_of_all_claims_finds(search: Any, cut: int) -> None:
    claims, text, clocks, dated = search
    facts = [Fact(c.thing, c.type, c.body) for c in claims]
    with a_record(date(2025, 7, 20)) as record:
        for several in (facts[:cut], facts[cut:]):
            if several:
                record.add(several)
            taken_up(record)
        with record.reader() as reader, ReadModel.open(reader, record.answers) as answers:
            recorded = list(answers.claims(claims[0].thing))
            found = asked(answers, text, clocks, dated=dated)
            assert set(ids(found)) == naive_scan(recorded, text, clocks, dated=dated)
            assert len(ids(found)) == len(set(ids(found))) == found.total
            assert asked(answers, text, clocks, dated=dated, limit=1).total == found.total
            assert make_answers(reader, None) == (answers.position, answers.digest())


def test_where_very_many_are_found_the_count_is_a_lower_bound(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("projections.queries.find.MOST_COUNTED", 3)
    monkeypatch.setattr("projections.queries.find.MOST_SUBJECTS", 2)
    with answers_of([stated("so it is", slug) for slug in "abcde"]) as answers:
        counted = [asked(answers, "so it is", limit=limit) for limit in (2, 4, 5, 9)]
        assert [(one.total, one.complete) for one in counted] == [
            *((3, False), (4, False)),
            *((5, True), (5, True)),
        ]
        public = asked(answers, "so it is", Clocks(DAY, DAY), limit=1)
        assert (public.total, public.complete) == (2, False)
