"""What did processes that write without end attempt, and what was acknowledged, and when?"""

import subprocess
import sys
import time
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from threading import Thread

from events.store.factory import open_reader
from events.store.location import Location

HERE = Path(__file__).resolve().parent
FOR_EVER = 10**9
PATIENCE_S = 60.0


class Writer:
    """A process that writes the events of a thing one after the other, until it is stopped."""

    def __init__(self, where: object, thing: str, batch: int = 1) -> None:
        self.thing = thing
        self.attempted: set[str] = set()  # the events that it set out to write
        self.acknowledged: dict[str, int] = {}  # and of which it was told the position
        self.answers: list[tuple[float, float]] = []  # when it asked, and was answered (seconds)
        program: list[str | Path] = [sys.executable, HERE / "store_writer.py", str(where), thing]
        self.process = subprocess.Popen(
            [*program, str(FOR_EVER), str(batch)],
            env={"PYTHONPATH": str(HERE.parents[1])},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._listener = Thread(target=self._listen, daemon=True)
        self._listener.start()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        asked, before = 0.0, ""
        for line in self.process.stdout:
            if not line.endswith("\n"):  # killed in the middle of a word
                return
            word, name, *position = line.split()
            if word != before:
                before, now = word, time.monotonic()
                if word == "try":
                    asked = now
                else:
                    self.answers.append((asked, now))
            if word == "try":
                self.attempted.add(name)
            else:
                self.acknowledged[name] = int(position[0][1:])

    def gaps_s(self) -> list[float]:
        """Return how long it was from one answer to the next."""
        return [later - earlier for (_, earlier), (_, later) in pairwise(self.answers)]

    def goes_on(self, more: int = 3) -> float:
        """Wait until so many more events are acknowledged; return after how many seconds."""
        began, had = time.monotonic(), len(self.acknowledged)
        while len(self.acknowledged) < had + more:
            assert self.process.poll() is None, self.errors()
            assert time.monotonic() < began + PATIENCE_S, f"{self.thing} never went on"
            time.sleep(0.01)
        return time.monotonic() - began

    def errors(self) -> str:
        """Return what it said of errors, once it has ended."""
        assert self.process.stderr is not None
        return "" if self.process.stderr.closed else self.process.stderr.read()

    def stop(self) -> None:
        """Kill it; what it was told until then is known."""
        if self.process.stdout is None or self.process.stdout.closed:
            return
        self.process.kill()
        self.process.wait()
        self._listener.join()
        for stream in (self.process.stdout, self.process.stderr):
            if stream is not None:
                stream.close()


def stored(where: Location) -> dict[str, int]:
    """Return the position of each event; fail unless all is dense, in order, and there once."""
    with open_reader(where) as reader:
        rows = list(reader.rows())
        assert [row.position for row in rows] == list(range(1, reader.last_position() + 1))
    times = [row.time for row in rows]
    assert times == sorted(times)
    versions: dict[str, int] = {}
    for row in rows:
        assert row.version == versions.get(row.thing, 0) + 1
        versions[row.thing] = row.version
    return {f"{row.thing}/{row.version}": row.position for row in rows}


def nothing_lost_nothing_invented(where: Location, writers: Iterable[Writer]) -> int:
    """Fail unless acknowledged ⊆ stored ⊆ attempted; return how many were acknowledged."""
    acknowledged: dict[str, int] = {}
    attempted: set[str] = set()
    for writer in writers:
        writer.stop()
        acknowledged |= writer.acknowledged
        attempted |= writer.attempted
    found = stored(where)
    lost = {name: at for name, at in acknowledged.items() if found.get(name) != at}
    assert lost == {}
    assert found.keys() - attempted == set()
    return len(acknowledged)
