"""List the data sets that can be imported, and what reads each."""

from collections.abc import Callable, Collection, Iterator
from importlib.resources import as_file, files
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from domain.decisions.batch import Command
from domain.importers.cells import FactOrReject
from domain.importers.register import Parties, Recorded, Register
from domain.importers.slugs import title_slug
from domain.importers.tables import bare, read_table
from events.dates import DateError, parse_date
from events.errors import NotUnderstoodError
from events.text import count_noun

if TYPE_CHECKING:
    from domain.importers.map_language import CsvMap

FORMATS = ("un-mtdsg", "copyright-membership", "csv", "prices", "rules", "ndjson")
MEMBERSHIP = "copyright-membership.toml"  # the map of the membership of WIPO's treaties


class Reading(NamedTuple):
    """What an importer gives, about how many facts, what its cells are, and unknown names.

    `hint` says what else there is to import; `bind` is told how to find what the ledger knows of a
    party or a source. `published` is the day of the table where it is said (EDTF), `own_sources`
    that each row names its own.
    """

    given: Iterator[FactOrReject]
    total: int
    what: str = "cells"
    unknown: Callable[[], dict[str, list[str]]] = dict
    bind: Callable[[Recorded], None] | None = None
    hint: str = ""
    published: str | None = None
    own_sources: bool = False


def reading_of(
    format_: str,
    paths: list[Path],
    map_: Path | None = None,
    kind: str = "open",
    *,
    published: str | None = None,
    rules: bool = False,
    asserted_by: str | None = None,
    agreements: Collection[str] = (),
) -> Reading:
    """Return what an importer makes of the files at some paths.

    `map_` says what the columns of a csv mean, `kind` which price of the day a table has, and
    `asserted_by` the id of the party that asserts it (absent: a publisher of the file's name);
    `published` is the day of the table (EDTF), for each source that a fact cites without one;
    `rules`: a UN list brings the rules of its treaties along; `agreements` are those that the
    ledger knows, for rules alone. Raises NotUnderstoodError for what does not go together.
    """
    if wrong := _wrong(format_, paths, map_, kind, published, rules=rules, asserted_by=asserted_by):
        raise NotUnderstoodError(*wrong)
    match format_:
        case "un-mtdsg":
            return _un_mtdsg(paths, published, rules=rules)
        case "rules":
            return _rules(paths, agreements)
        case "prices":
            return _prices(paths, kind, published, asserted_by)
        case "ndjson":
            return _ndjson(paths)
        case "copyright-membership":
            return _copyright(paths, published)
    from domain.importers.map_language import read_map

    assert map_ is not None
    return _mapped(paths, read_map(map_), published)


def _wrong(
    format_: str,
    paths: list[Path],
    map_: Path | None,
    kind: str,
    published: str | None,
    *,
    rules: bool,
    asserted_by: str | None,
) -> tuple[str, str, str] | None:
    """Return what does not go together, why and what to do; None if all does."""
    then = "depositary import --help"
    if format_ not in FORMATS:
        return "no such format", f"'{format_}' is not one of {', '.join(FORMATS)}", then
    if (format_ == "csv") != (map_ is not None):
        why = "a map of the columns goes with csv, and csv with a map"
        return "csv and --map go together", why, "depositary import csv FILE --map FILE.toml"
    if kind not in ("open", "close"):
        return "no such price", f"'{kind}' is neither open nor close", then
    if rules and format_ != "un-mtdsg":
        why = "--rules goes with un-mtdsg; of other agreements, import rules FILE"
        return "no such option here", why, "depositary import rules"
    if asserted_by is not None and format_ != "prices":
        why = f"--asserted-by goes with prices; {format_} says it of each fact"
        return "no such option here", why, "leave it out"
    if not paths and format_ != "rules":
        return "no file to import", f"{format_} reads files: none is named", then
    if published is None:
        return None
    if format_ in ("ndjson", "rules"):
        why = f"{format_} says of each fact when it was published"
        return "--published goes with tables", why, "leave it out"
    try:
        parse_date(published)
    except DateError as error:
        then = "write a day such as 2015-03-31, or a month"
        return "no such day", f"--published: {error}", then
    return None


def _un_mtdsg(paths: list[Path], published: str | None, *, rules: bool) -> Reading:
    from domain.importers import rules as eif
    from domain.importers import un_mtdsg

    parties = Parties(Register())
    lists = [treaty for path in paths for treaty in un_mtdsg.read_treaties(path, published)]
    total = sum(_lines(treaty.path) for treaty in lists)
    given: Iterator[FactOrReject] = un_mtdsg.read_un_lists(lists, parties)
    agreements = {treaty.agreement for treaty in lists}
    known = [one for one in eif.read_rules() if one.agreement in agreements]
    hint = ""
    if rules:
        # They stand beside the cells of the lists, and are none of them.
        stated = eif.rule_facts(known, agreements, *eif.source_of(None))
        beside = (one._replace(where=None) for one in stated if isinstance(one, Command))
        given = chain(given, beside)
    elif known:
        hint = f"for {len(known)} of these treaties there are rules of entry into force, and"
        hint += " their official days: depositary import rules"
    return Reading(given, total, "cells", lambda: parties.unknown, parties.bind, hint, published)


def _rules(paths: list[Path], agreements: Collection[str]) -> Reading:
    from domain.importers import rules

    given: list[Iterator[FactOrReject]] = []
    total = elsewhere = 0
    tables: list[Path | None] = [*paths] or [None]
    for path in tables:
        found = rules.read_rules(path)
        here = sum(one.agreement in agreements for one in found)
        total, elsewhere = total + 2 * here, elsewhere + len(found) - here
        given.append(rules.rule_facts(found, agreements, *rules.source_of(path)))
    hint = ""
    if elsewhere:
        one, many = "agreement that is not", "agreements that are not"
        hint = f"rules of {count_noun(elsewhere, one, many)} in this ledger are excluded:"
        hint += " first import the lists"
    return Reading(chain.from_iterable(given), total, hint=hint)


def _copyright(paths: list[Path], published: str | None) -> Reading:
    """Read the membership of WIPO's treaties by its map, and describe each treaty first."""
    from domain.importers.map_language import FactMap, read_map

    with as_file(files("domain.importers").joinpath("data", MEMBERSHIP)) as own:
        mapping = read_map(own)
    described = [
        FactMap(
            type="agreement.described",
            subject=f"agreement/wipo-{title_slug(title)}",
            fields={**mapping.defaults, "title": title},
        )
        for title in _treaties(paths)
    ]
    made = mapping.model_copy(update={"first": [*mapping.first, *described]})
    return _mapped(paths, made, published)


def _treaties(paths: list[Path]) -> dict[str, None]:
    found: dict[str, None] = {}
    for path in paths:
        header, rows, *_ = read_table(path)
        if "Treaty" in header:
            at = header.index("Treaty")
            found |= dict.fromkeys(
                name for row in rows for name in bare(row.cells[at : at + 1]) if name
            )
    return found


def _mapped(paths: list[Path], mapping: "CsvMap", published: str | None) -> Reading:
    from domain.importers.csv_map import read_mapped_table
    from domain.importers.map_language import has_columns, of_day

    read = of_day(mapping, published) if published else mapping
    parties = Parties(Register(read.parties.items()))
    return Reading(
        read_mapped_table(paths, read, parties),
        len(read.fact) * sum(map(_lines, paths)),
        unknown=lambda: parties.unknown,
        bind=parties.bind,
        published=read.published,
        own_sources=any(has_columns(one.fields.get("sources")) for one in read.fact),
    )


def _prices(
    paths: list[Path], kind: str, published: str | None, asserted_by: str | None
) -> Reading:
    from domain.importers import prices

    tellers = prices.Tellers(asserted_by)
    given = prices.read_prices(paths, tellers, kind, published)
    total = prices.count_prices(paths)
    return Reading(given, total, bind=tellers.bind, published=published)


def _ndjson(paths: list[Path]) -> Reading:
    from domain.importers import ledger_export

    return Reading(ledger_export.read_export(paths), sum(map(_lines, paths)), "events")


def _lines(path: Path) -> int:
    if not path.is_file():
        return 0  # a pipe is read once
    with path.open("rb") as file:
        return sum(1 for _ in file)
