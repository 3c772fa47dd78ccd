"""Explain every key of a map, for the help, the reference and the template of a map."""

MAP = {
    "fact": "a table of its own each time, [[fact]]: what each row says; one at least",
    "first": "[[first]]: a fact that comes once and first, where nothing is known of its subject",
    "defaults": "fields of every fact that has such a field: asserted_by, basis, sources",
    "parties": 'names and codes that the register has not, or has otherwise: "A" = "party/a"',
    "unknown": 'cells that stand for unknown in every column: ["N/A", "9999-12-31"]',
    "ignore": "columns that are left out, by name or number",
    "delimiter": 'what separates columns: ",", ";", "\\t", "|"; a comma if left out, a tab in .tsv',
    "encoding": 'such as "cp1252", "latin-1" or "utf-16-le"; UTF-8 if left out',
    "skip": "how many lines stand before the header",
    "header": "false where the first row is no header: columns then have numbers alone",
    "sheet": "which sheet of a workbook",
    "codes": "what the parties' codes are: iso2, iso3, numeric (ISO 3166-1), cow, gw",
    "formats": 'how days are written: ["%d/%m/%Y", "%B %Y"]; as in EDTF if left out',
    "century": "the first of the hundred years that %y lies in: 1950 is 1950 to 2049",
    "decimal": 'what sets decimals off: "," or "."; a point if left out',
    "thousands": "what sets thousands off; a comma if left out, a point beside a decimal comma",
    "published": "the day on which the table was published: a later day in it is a finding; "
    "--published takes its place",
}
FACT = {
    "type": "the type of the fact, as depositary schema lists them",
    "subject": 'whom or what it is about: "agreement/{Treaty}"; in an id a cell is a name',
    "when": "the column that must not be empty (the first if left out), or a condition",
    "columns": 'wide columns, by name, number or range ["1990…2020"]: a fact of each; "@cell" '
    'and "@name" are its cell and its name',
    "once": "true: only where nothing is recorded of the subject yet",
    "fields": "the fields of the type: a constant, a text with {columns}, a list or table of "
    "these, or how a column is read",
}
CONDITION = {
    "column": "the column that decides, by name or number",
    "is": "the cells of which the fact is made",
    "not": "the cells of which it is not made",
}
READING = {
    "column": "the column, by its name or its number from 1",
    "as": "amount, date, number, party, slug or text; text if left out",
    "values": "what each text stands for (: unknown); where one is missing, a text is a reject, "
    "a day, figure, party or slug is read as it stands",
    "unknown": "cells that stand for unknown in this column",
    "else": 'what stands where the cell says nothing, or none of values: "{Other}"',
    "unit": 'the unit of an amount: "BTC"; left out where the cells name it',
    "split": 'what stands between several values in one cell: ";"',
    "span": 'a text around a day, for a state that lasted: "{}/.."',
    "rest": "the field that takes the whole of a text that is too long for this one",
    "codes": "as above, for this column",
    "formats": "as above, for this column",
    "century": "as above, for this column",
    "decimal": "as above, for this column",
    "thousands": "as above, for this column",
}
SOURCE = {
    "source": 'its id; with a column in it, "source/{Filing}", it is made on the way',
    "published": 'when it was published: a day, or "{Filed}"',
    "retrieved": "when it was looked up",
    "origin": "the party at the root of the quotation",
    "title": "of a source that is made on the way: its title",
    "locator": "of a source that is made on the way: where it is",
    "publisher": "of a source that is made on the way: who published it",
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
        "A map says what the columns of a table mean. It is TOML, for import csv:",
        "",
        "  depositary template --map purchases.csv > purchases.toml",
        "  depositary import csv purchases.csv --map purchases.toml --dry-run",
        "",
        "Each [[fact]] makes at most one fact of a row:",
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
    return [*lines, "", "docs/imports.md has five tables with their maps."]


def _wrapped(name: str, told: str, width: int = 80) -> list[str]:
    from textwrap import wrap

    first, *more = wrap(told, width - 14)
    return [f"  {name:<12}{first}", *(f"{'':14}{line}" for line in more)]
