"""List the data sets that can be imported, and what reads each."""

from collections.abc import Collection, Iterator
from itertools import chain
from pathlib import Path

from domain.decisions.batch import Command
from domain.importers.cells import FactOrReject, Reading
from domain.importers.ledger_export import read_export
from domain.importers.prices import Tellers, count_prices, read_prices
from domain.importers.register import Parties, Register
from domain.importers.rules import read_rules, rule_facts, source_of
from domain.importers.tables import count_lines
from domain.importers.un_mtdsg import read_treaties, read_un_lists
from events.dates import DateError, parse_date
from events.errors import NotUnderstoodError
from events.text import count_noun

FORMATS = ("un-mtdsg", "copyright-membership", "csv", "prices", "rules", "ndjson")


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
            tellers = Tellers(asserted_by)
            given = read_prices(paths, tellers, kind, published)
            return Reading(given, count_prices(paths), bind=tellers.bind, published=published)
        case "ndjson":
            return Reading(read_export(paths), sum(map(count_lines, paths)), "events")
    from domain.importers import csv_map  # 100 ms with pydantic, for what a map reads

    if map_ is None:
        return csv_map.read_memberships(paths, published)
    return csv_map.read_by_map(paths, map_, published)


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
    parties = Parties(Register())
    # An index beside lists that are named gives their titles, and no more lists.
    named = [path for path in paths if path.name != "index.csv"] or paths
    lists = [treaty for path in named for treaty in read_treaties(path, published)]
    total = sum(count_lines(treaty.path) for treaty in lists)
    given: Iterator[FactOrReject] = read_un_lists(lists, parties)
    agreements = {treaty.agreement for treaty in lists}
    known = [one for one in read_rules() if one.agreement in agreements]
    hint = ""
    if rules:
        # They stand beside the cells of the lists, and are none of them.
        stated = rule_facts(known, agreements, *source_of(None))
        beside = (one._replace(where=None) for one in stated if isinstance(one, Command))
        given = chain(given, beside)
    elif known:
        hint = f"for {len(known)} of these treaties there are rules of entry into force, and"
        hint += " their official days: depositary import rules"
    return Reading(given, total, "cells", lambda: parties.unknown, parties.bind, hint, published)


def _rules(paths: list[Path], agreements: Collection[str]) -> Reading:
    given: list[Iterator[FactOrReject]] = []
    total = elsewhere = 0
    tables: list[Path | None] = [*paths] or [None]
    for path in tables:
        found = read_rules(path)
        here = sum(one.agreement in agreements for one in found)
        total, elsewhere = total + 2 * here, elsewhere + len(found) - here
        given.append(rule_facts(found, agreements, *source_of(path)))
    hint = ""
    if elsewhere:
        one, many = "agreement that is not", "agreements that are not"
        hint = f"rules of {count_noun(elsewhere, one, many)} in this ledger are excluded:"
        hint += " first import the lists"
    return Reading(chain.from_iterable(given), total, hint=hint)
