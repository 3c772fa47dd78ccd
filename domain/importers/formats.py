"""List the data sets that can be imported, and what reads each."""

from collections.abc import Callable, Collection, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from domain.decisions.batch import Command
from domain.importers.cells import FactOrReject
from events.dates import DateError, parse_date
from events.errors import NotUnderstoodError
from events.text import count_noun

FORMATS = ("un-mtdsg", "copyright-membership", "csv", "prices", "rules", "ndjson")


class ImportFormatError(NotUnderstoodError):
    """A format is one of FORMATS, with the options that go with it."""


class Reading(NamedTuple):
    """What an importer gives, about how many facts, what its cells are, and unknown names.

    `hint` says what else there is to import; `bind` is told how to find the names under which the
    ledger knows a party. `published` is the day of the table where it is said (EDTF), `own_sources`
    that each row names its own.
    """

    given: Iterator[FactOrReject]
    total: int
    what: str = "cells"
    unknown: Callable[[], dict[str, list[str]]] = dict
    bind: Callable[[Callable[[str], list[str]]], None] | None = None
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
    agreements: Collection[str] = (),
) -> Reading:
    """Return what an importer makes of the files at some paths.

    `map_` says what the columns of a csv mean, `kind` which price of the day a table has;
    `published` is the day of the table (EDTF), for each source that a fact cites without one;
    `rules`: a UN list brings the rules of its treaties along; `agreements` are those that the
    ledger knows, for rules alone. Raises ImportFormatError for what does not go together.
    """
    _check(format_, paths, map_, kind, published, rules=rules)
    if format_ == "un-mtdsg":
        return _un_mtdsg(paths, published, rules=rules)._replace(published=published)
    if format_ == "rules":
        return _rules(paths, agreements)
    if format_ == "csv":
        assert map_ is not None
        return _csv(paths, map_, published)
    found = _prices(paths, kind) if format_ == "prices" else _READERS[format_](paths)
    if published:
        return found._replace(given=_dated(found.given, published), published=published)
    return found


def _check(
    format_: str,
    paths: list[Path],
    map_: Path | None,
    kind: str,
    published: str | None,
    *,
    rules: bool,
) -> None:
    """Raise ImportFormatError for what does not go together."""
    if format_ not in FORMATS:
        raise ImportFormatError(
            "no such format",
            f"'{format_}' is not one of {', '.join(FORMATS)}",
            "depositary import --help",
        )
    if (format_ == "csv") != (map_ is not None):
        why = "a map of the columns goes with csv, and csv with a map"
        then = "depositary import csv FILE --map FILE.toml"
        raise ImportFormatError("csv and --map go together", why, then)
    if kind not in ("open", "close"):
        why = f"'{kind}' is neither open nor close"
        raise ImportFormatError("no such price", why, "depositary import --help")
    if rules and format_ != "un-mtdsg":
        why = "--rules goes with un-mtdsg; of other agreements, import rules FILE"
        raise ImportFormatError("no such option here", why, "depositary import rules")
    if not paths and format_ != "rules":
        why = f"{format_} reads files: none is named"
        raise ImportFormatError("no file to import", why, "depositary import --help")
    if published is not None:
        _check_day(published, format_)


def _check_day(published: str, format_: str) -> None:
    if format_ in ("ndjson", "rules"):
        why = f"{format_} says of each fact when it was published"
        raise ImportFormatError("--published goes with tables", why, "leave it out")
    try:
        parse_date(published)
    except DateError as error:
        why, then = f"--published: {error}", "write a day such as 2015-03-31, or a month"
        raise ImportFormatError("no such day", why, then) from None


def _dated(given: Iterator[FactOrReject], published: str) -> Iterator[FactOrReject]:
    """Give each source that a fact of a table cites without a day the day of the table."""
    for one in given:
        data = one.data if isinstance(one, Command) else None
        if isinstance(one, Command) and isinstance(data, Mapping) and data.get("sources"):
            sources = [{"published": published, **source} for source in data["sources"]]
            yield one._replace(data={**data, "sources": sources})
        else:
            yield one


def _un_mtdsg(paths: list[Path], published: str | None, *, rules: bool) -> Reading:
    from domain.importers import rules as eif
    from domain.importers import un_mtdsg
    from domain.importers.register import Parties, Register

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
    return Reading(given, total, "cells", lambda: parties.unknown, parties.bind, hint)


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


def _copyright(paths: list[Path]) -> Reading:
    from domain.importers import copyright_membership
    from domain.importers.register import Parties, Register

    parties = Parties(Register())
    given = copyright_membership.read_membership(paths, parties)
    return Reading(
        given, 2 * sum(map(_lines, paths)), "cells", lambda: parties.unknown, parties.bind
    )


def _csv(paths: list[Path], map_: Path, published: str | None) -> Reading:
    from domain.importers import csv_map
    from domain.importers.map_language import has_columns, of_day, read_map
    from domain.importers.register import Parties, Register

    mapping = read_map(map_)
    if published:
        mapping = of_day(mapping, published)
    parties = Parties(Register(mapping.parties.items()))
    total = len(mapping.fact) * sum(map(_lines, paths))

    given = csv_map.read_mapped_table(paths, mapping, parties)
    return Reading(
        given,
        total,
        unknown=lambda: parties.unknown,
        bind=parties.bind,
        published=mapping.published,
        own_sources=any(has_columns(one.fields.get("sources")) for one in mapping.fact),
    )


def _prices(paths: list[Path], kind: str) -> Reading:
    from domain.importers import prices

    return Reading(prices.read_prices(paths, kind), prices.count_prices(paths))


def _ndjson(paths: list[Path]) -> Reading:
    from domain.importers import ledger_export

    return Reading(ledger_export.read_export(paths), sum(map(_lines, paths)), "events")


_READERS: dict[str, Callable[[list[Path]], Reading]] = {
    "copyright-membership": _copyright,
    "ndjson": _ndjson,
}


def _lines(path: Path) -> int:
    if not path.is_file():
        return 0  # a pipe is read once
    with path.open("rb") as file:
        return sum(1 for _ in file)
