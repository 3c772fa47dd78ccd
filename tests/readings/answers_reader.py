"""Reads the answers beside a record in another process.

    answers_reader.py RECORD ANSWERS [nobody]

Tells the position, the digest and whether they are kept in the file; as `nobody` it gives up
root's rights first, if it has them. With a line on standard input it waits for that line.
"""

import os
import sys
from importlib import import_module
from pathlib import Path

from events.store.sqlite.reader import RecordReader
from projections.read_model.database import ReadModel

NOBODY = 65_534
# Imported while it may: root's Python is not always there for others to read.
for needed in (
    "events.store.atomic_files",
    "glob",
    "hashlib",
    "projections.read_model.digest",
    "projections.read_model.rebuild",
    *(f"{room}.kinds.{kind}" for room in ("events", "domain") for kind in ("party", "reserve")),
    "projections.kinds.other_kinds",
    "projections.kinds.reserve",
):
    import_module(needed)

if __name__ == "__main__":
    record, answers, *rights = sys.argv[1:]
    if rights and os.geteuid() == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    with RecordReader(Path(record)) as reader, ReadModel.open(reader, Path(answers)) as opened:
        (_, _, kept), *_ = opened.connection.execute("PRAGMA database_list").fetchall()
        sys.stdout.write(f"{opened.position} {opened.digest()} {'kept' if kept else 'forgotten'}\n")
