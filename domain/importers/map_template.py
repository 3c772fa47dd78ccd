"""Guess a map from the header and the first rows of a table, as a file to be corrected.

A guess is only ever printed: it stands in the map with a word on what it is, and the import reads
what the map says.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from domain.importers.cell_dates import COMMON_FORMATS, CellDateError, DayFormats, edtf_of_cell
from domain.importers.map_keys import TABLES
from domain.importers.register import Register, party_of_code
from domain.importers.tables import ImportFileError, Table, TableForm, open_table
from events.catalogue import body_class
from events.fields import fields_of

_LOOKED_AT = 200  # rows
_FORMATS = tuple(form for form in COMMON_FORMATS if "%y" not in form)
_delimiter = re.compile(r'delimiter = "(.+?)"').search
_encoding = re.compile(r'encoding = "(.+?)"').search
_sheet = re.compile(r'sheet = "(.+?)"').search
_figure = re.compile(r"[0-9][0-9.,'’ \u00a0]*|\.[0-9]+").fullmatch
_coins = re.compile(r"btc|bitcoin|coin|holding|amount|sat", re.IGNORECASE).search
_money = re.compile(r"price|usd|eur|cost|value|spent", re.IGNORECASE).search
_SIGNS = {"$": "USD", "€": "EUR", "£": "GBP"}
_currency = re.compile(
    r"\b(USD|EUR|GBP|JPY|CHF|CAD|AUD|CNY|INR|BRL|KRW|MXN)\b", re.IGNORECASE
).search
_pair = re.compile(r"(BTC|XBT)[-_/ ]?([A-Z]{3})", re.IGNORECASE).fullmatch
_bought = re.compile(r"bought|purchase|acqui|lot|price|cost|spent", re.IGNORECASE).search
_address = re.compile(r"https?://\S+").fullmatch
_codes = {"iso3": re.compile(r"[A-Z]{3}").fullmatch, "iso2": re.compile(r"[A-Z]{2}").fullmatch}


class _Guess(NamedTuple):
    """What a column seems to be: date, amount, money, price, party, address or text; more keys."""

    name: str
    kind: str
    keys: dict[str, object]


def map_template(path: Path) -> str:
    """Return a map for a table, to be corrected; raise ImportFileError."""
    form, table = _opened(path)
    columns = list(_guesses(table))
    lines = [
        f"# A map of {path.name}, guessed from its header and first rows. Correct it, and try it:",
        f"# depositary import csv {path.name} --map THIS --dry-run",
        "",
        *_top(form, columns),
        "[defaults] # what every fact carries",
        'asserted_by = "party/CHANGE-ME" # the party that asserts it',
        'basis = "tracker" # official-record, own-publication, press …: depositary help policies',
        'sources = [{ source = "source/CHANGE-ME", published = "CHANGE-ME" }]',
        "",
        "[[first]] # once, where the ledger does not know it yet",
        'type = "party.established"',
        'subject = "party/CHANGE-ME"',
        'fields = { name = "CHANGE-ME", type = "publisher", basis = "recorder" }',
        "",
        "[[first]]",
        'type = "source.cited"',
        'subject = "source/CHANGE-ME"',
        'fields = { publisher = "party/CHANGE-ME", title = "CHANGE-ME", basis = "recorder" }',
        "",
        *_fact(path, columns),
        "",
        "# Every key of a map:",
    ]
    for title, keys in TABLES:
        lines += ["#", f"# {title}"]
        lines += [f"#   {name}: {told}" for name, told in keys.items()]
    return "\n".join(lines) + "\n"


def _opened(path: Path) -> tuple[TableForm, Table]:
    """Return the form that a table seems to have, and the table read by it."""
    form = TableForm()
    for _ in range(4):
        try:
            return form, open_table(path, form)
        except ImportFileError as error:
            said = error.then
            if (found := _delimiter(said)) and not form.delimiter:
                form = form._replace(delimiter=found[1].replace("\\t", "\t"))
            elif (found := _encoding(said)) and not form.encoding:
                form = form._replace(encoding=found[1])
            elif (found := _sheet(said)) and not form.sheet:
                form = form._replace(sheet=found[1])
            else:
                raise
    return form, open_table(path, form)


def _top(form: TableForm, columns: list[_Guess]) -> Iterator[str]:
    for name in ("delimiter", "encoding", "sheet"):
        if value := getattr(form, name):
            yield f"{name} = {json.dumps(value)} # a guess: look whether the columns are right"
    yield 'unknown = ["", "N/A"] # cells that stand for unknown'
    days = next((one for one in columns if one.kind == "date"), None)
    if days is not None and isinstance(formats := days.keys.get("formats"), list):
        yield f"formats = {json.dumps(formats[:1])} # also of the days in sources" + _doubt(days)
    yield ""


def _guesses(table: Table) -> Iterator[_Guess]:
    rows = [row.cells for row in islice(table.rows, _LOOKED_AT)]
    register = Register()
    for at, name in enumerate(table.header):
        cells = [row[at].strip() for row in rows if at < len(row) and row[at].strip()]
        yield _guess(name or str(at + 1), cells, register)


def _guess(name: str, cells: list[str], register: Register) -> _Guess:
    few = Counter(cells)
    if cells and (formats := _day_formats(cells)) is not None:
        return _Guess(name, "date", {"formats": formats} if formats else {})
    signs = {cell[0] for cell in cells} & _SIGNS.keys()
    bare = [cell.lstrip("".join(signs)).strip() for cell in cells]
    if cells and all(map(_figure, bare)):
        keys: dict[str, object] = {}
        if any(re.search(r",[0-9]{1,2}$|,[0-9]{4,}$", cell) for cell in cells):
            keys["decimal"] = ","
        if pair := _pair(name):
            return _Guess(name, "price", {"unit": pair[2].upper(), **keys})
        currency = _currency(name)
        if currency or signs or _money(name):
            unit = currency[1].upper() if currency else _SIGNS[min(signs)] if signs else "USD"
            return _Guess(name, "money", {"unit": unit, **keys})
        return _Guess(name, "amount" if _coins(name) else "number", {"unit": "BTC", **keys})
    for codes, shape in _codes.items():
        if few and all(shape(cell) and party_of_code(codes, cell) for cell in few):
            return _Guess(name, "party", {"codes": codes})
    if cells and all(map(_address, cells)):
        return _Guess(name, "address", {})
    known = sum(register.find(cell) is not None for cell in few)
    if few and known >= 0.6 * len(few):
        return _Guess(name, "party", {})
    return _Guess(name, "text", {})


def _day_formats(cells: list[str]) -> list[str] | None:
    """Return the one format that reads all of a column's days, none for EDTF; None: no days."""
    fitting = []
    for form in (None, *_FORMATS):
        how = DayFormats(() if form is None else (form,))
        try:
            for cell in cells:
                if cell.isdecimal() and len(cell) != (8 if form == "%Y%m%d" else 4):
                    raise CellDateError(cell)
                edtf_of_cell(cell, how)
        except CellDateError:
            continue
        fitting.append(form)
    if not fitting:
        return None
    if None in fitting:
        return []
    return [form for form in fitting if form is not None]


def _fact(path: Path, columns: list[_Guess]) -> Iterator[str]:
    """Yield a fact of each row, with a field for what each column seems to be."""
    first = {column.kind: column for column in reversed(columns)}
    priced = _pair(first["price"].name) if "price" in first and "date" in first else None
    fields = {"date": "effective", "party": "party", "amount": "amount", "money": "price"}
    given: list[str] = []
    if priced:
        pair = f"{priced[1]}-{priced[2]}".lower()
        type_, subject = "price.observed", f"price/{pair}"
        fields |= {"price": "value"}
        given = [f'pair = "{pair}" # of the first column; depositary import prices reads them all']
    elif "money" in first and not {"amount", "number", "party"} & first.keys():
        pair = f"btc-{first['money'].keys['unit']}".lower()
        type_, subject = "price.observed", f"price/{pair}"
        fields |= {"money": "value"}
        given = [f'pair = "{pair}" # a guess: what was priced, and in what']
    elif "party" in first and "date" in first:
        title = next((one for one in columns if one.kind == "text"), None)
        type_, subject = "agreement.signed", f"agreement/{{{title.name}}}" if title else ""
        subject = subject or "agreement/CHANGE-ME"
    elif "amount" in first:
        bought = _bought(" ".join([path.stem, *(one.name for one in columns)]))
        type_ = "reserve.acquired" if bought else "reserve.holding-reported"
        subject = "reserve/CHANGE-ME"
    else:
        type_, subject = "party.stated", "party/CHANGE-ME"
    yield "[[fact]] # what a row says; add a [[fact]] for each further fact"
    yield f'type = "{type_}" # or any other: depositary schema'
    yield f"subject = {json.dumps(subject, ensure_ascii=False)}"
    if "date" in first:
        yield f"when = {json.dumps(first['date'].name, ensure_ascii=False)}"
    yield ""
    yield f"[fact.fields] # depositary template {type_} shows all its fields"
    yield from given
    yield from _fields(type_, columns, fields, {line.partition(" ")[0] for line in given})


def _fields(
    type_: str, columns: list[_Guess], fields: dict[str, str], given: set[str]
) -> Iterator[str]:
    """Yield a line for each field that a column gives, each other column, and what is missing."""
    wanted = fields_of(body_class(type_))
    used = {"asserted_by", "basis", *given}
    kinds = {column.kind: column.name for column in reversed(columns)}
    if "address" in kinds:
        used.add("sources")
        yield _sources(kinds["address"], kinds.get("date", ""))
    for column in columns:
        if column.name == kinds.get("address"):
            continue
        field = fields.get(column.kind, "")
        line = _reading(column)
        if field not in wanted or field in used:
            yield f"# FIELD = {line}"
        else:
            used.add(field)
            yield f"{field} = {line}" + _doubt(column)
    for name, one in wanted.items():
        if one.required and name not in used:
            yield f'{name} = "CHANGE-ME" # {", ".join(one.choices) if one.choices else name}'


def _sources(address: str, day: str) -> str:
    """Return the sources of a row, each a document of its own at the address in a column."""
    given = {
        "source": f"source/{{{address}}}",
        "locator": f"{{{address}}}",
        "title": "CHANGE-ME" + (f", {{{day}}}" if day else ""),
        "publisher": "party/CHANGE-ME",
        "published": f"{{{day}}}" if day else "CHANGE-ME",
    }
    pairs = (f"{name} = {json.dumps(text, ensure_ascii=False)}" for name, text in given.items())
    return f"sources = [{{ {', '.join(pairs)} }}] # in the place of those in [defaults]"


def _reading(column: _Guess) -> str:
    kind = {"money": "amount", "price": "amount", "address": "text"}.get(column.kind, column.kind)
    keys: dict[str, object] = {"column": column.name, "as": kind, **column.keys}
    if kind == "number":
        keys = {"column": column.name, "as": kind}
    if "formats" in keys and isinstance(keys["formats"], list):
        keys["formats"] = keys["formats"][:1]
    return (
        f"{{ {', '.join(f'{n} = {json.dumps(v, ensure_ascii=False)}' for n, v in keys.items())} }}"
    )


def _doubt(column: _Guess) -> str:
    formats = column.keys.get("formats")
    if isinstance(formats, list) and len(formats) > 1:
        return f" # or {formats[1]}: the days seen do not say which"
    return ""
