"""What does a process do that records facts in bulk until it is done, stopped, or killed?

    bulk_writer.py RECORD NAME COUNT

It says `begun`, then of each batch that came back how many facts are recorded, and their last
position; stopped by Ctrl-C it says `stopped` and how many are recorded by then.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from domain.ledger import Command, Ledger

TOLD = {"asserted_by": "party/recorder", "basis": "recorder"}


def facts(name: str, count: int) -> Iterator[Command]:
    yield Command(f"party/{name}", "party.established", {**TOLD, "name": name, "type": "state"})
    for n in range(1, count):
        said = {**TOLD, "party": f"party/{name}", "gist": f"number {n}"}
        yield Command(f"agreement/{name}-{n // 100}", "agreement.declaration-made", said)


def say(word: str, number: int, position: int | None = None) -> None:
    at = "" if position is None else f" @{position}"
    sys.stdout.write(f"{word} {number}{at}\n")
    sys.stdout.flush()


def main() -> None:
    record, name, count = sys.argv[1:]
    with Ledger(Path(record)) as ledger:
        bulk = ledger.append_in_batches(facts(name, int(count)), as_reported=True)
        say("begun", 0)
        try:
            for results in bulk:
                say("recorded", bulk.recorded, results[-1].position)
        except KeyboardInterrupt:
            say("stopped", bulk.recorded)


if __name__ == "__main__":
    main()
