"""Explain every key of a map, for the help, the reference and the template of a map."""

from textwrap import wrap

MAP = {
    "fact": "one or more tables [[fact]]: what a row says",
    "first": "[[first]]: a fact recorded once and first, if nothing is recorded about its subject",
    "defaults": "fields of every fact that has such a field: asserted_by, basis, sources",
    "parties": 'names and codes that the register lacks or has differently: "A" = "party/a"',
    "unknown": 'cells that mean unknown in every column: ["N/A", "9999-12-31"]',
    "ignore": "columns to exclude, by name or number",
    "delimiter": 'what separates columns: ",", ";", "\\t", "|"; default: a comma, in .tsv a tab',
    "encoding": 'such as "cp1252", "latin-1" or "utf-16-le"; default: UTF-8',
    "skip": "the number of lines before the header",
    "header": "false if the first row is not a header: columns then have only numbers",
    "sheet": "the sheet of a workbook",
    "codes": "the scheme of the parties' codes: iso2, iso3, numeric (ISO 3166-1), cow, gw",
    "formats": 'how days are written: ["%d/%m/%Y", "%B %Y"], or as numbers, "excel", "unix" or '
    '"unix-ms"; default: as in EDTF',
    "century": "the first of the hundred years that %y lies in: 1950 is 1950 to 2049",
    "decimal": 'the decimal sign: "," or "."; default: a point',
    "thousands": "the separator of thousands; default: a comma, with a decimal comma a point",
    "published": "the day on which the table was published: a later day in it is a finding; "
    "--published takes its place",
}
FACT = {
    "type": "the type of the fact, as depositary schema lists them",
    "subject": 'the subject: "agreement/{Treaty}"; in an id a cell is a name',
    "when": "the column that must not be empty (default: the first), or a condition, or a list of "
    "these: all must hold, and but for the first not holds for an empty cell too",
    "columns": 'wide columns, by name, number or range ["1990…2020"]: a fact of each; "@cell" '
    'and "@name" are its cell and its name',
    "once": "true: only where nothing is recorded of the subject yet",
    "fields": "the fields of the type: a constant, a text with {columns}, a list or table of "
    "these, or how a column is read",
}
CONDITION = {
    "column": "the column that decides, by name or number",
    "is": "the cells for which the fact is made",
    "not": "the cells for which it is not made",
}
READING = {
    "column": "the column, by its name or its number from 1",
    "as": "amount, date, number, party, slug or text; default: text",
    "values": "what each text means (: unknown); a text not listed is rejected, a day, figure, "
    "party or slug is read as written",
    "unknown": "cells that mean unknown in this column",
    "else": 'the value for an empty cell, or for one that is not in values: "{Other}"',
    "unit": 'the unit of an amount: "BTC"; omit it if the cells name it',
    "split": 'the separator of several values in one cell: ";"',
    "span": 'a text around a day, for a span: "{}/.."',
    "rest": "the field that takes the whole of a text that is too long for this one",
    "codes": "as above, for this column",
    "formats": "as above, for this column",
    "century": "as above, for this column",
    "decimal": "as above, for this column",
    "thousands": "as above, for this column",
}
SOURCE = {
    "source": 'its id; with a column in it, "source/{Filing}", a new source is cited automatically',
    "published": 'when it was published: a day, or "{Filed}"',
    "retrieved": "when it was looked up",
    "origin": "the party at which the quotation begins",
    "title": "of a source cited automatically: its title",
    "locator": "of a source cited automatically: where it is",
    "publisher": "of a source cited automatically: its publisher",
}
TABLES = (
    ("At the top", MAP),
    ("In [[fact]] and [[first]]", FACT),
    ("In when = { … }", CONDITION),
    ("In a field: { column = … }", READING),
    ("In sources = [{ … }]", SOURCE),
)


def explained() -> list[str]:
    """Return the lines that explain a map, key by key."""
    lines = [
        "A map tells import csv what the columns of a table mean. It is a TOML file:",
        "",
        "  depositary template --map purchases.csv > purchases.toml",
        "  depositary import csv purchases.csv --map purchases.toml --dry-run",
        "",
        "Each [[fact]] makes at most one fact from a row:",
        "",
        "  [[fact]]",
        '  type = "reserve.acquired"',
        '  subject = "reserve/example"',
        "  [fact.fields]",
        '  effective = { column = "Date", as = "date", formats = ["%d/%m/%Y"] }',
        '  amount = { column = "BTC", as = "amount", unit = "BTC" }',
        '  mode = "purchase"',
    ]
    for title, keys in TABLES:
        lines += ["", f"{title}:"]
        for name, told in keys.items():
            lines += _wrapped(name, told)
    return [*lines, "", "docs/imports.md shows five tables with their maps."]


def _wrapped(name: str, told: str, width: int = 80) -> list[str]:
    first, *more = wrap(told, width - 14)
    return [f"  {name:<12}{first}", *(f"{'':14}{line}" for line in more)]
