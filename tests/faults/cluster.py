"""How do three PostgreSQL servers on one machine stand in for three machines?

    python tests/faults/cluster.py up DIR          a primary and two synchronous standbys
    python tests/faults/cluster.py status DIR      who is what, and how far
    python tests/faults/cluster.py promote DIR     the primary dies; the further standby follows it
    python tests/faults/cluster.py rejoin DIR      whoever is out comes back as a standby
    python tests/faults/cluster.py down DIR        all stop, and DIR goes

For tests, and to try a failover by hand. In production this is the work of Patroni or of a managed
service: docs/scale.md. The rules are the same: a commit is acknowledged once one of two standbys
has it; before another takes over the old primary is fenced off; who has more takes over.
"""

import json
import os
import shutil
import sys
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from urllib.parse import urlencode

from tests.faults.servers import (
    CARELESS,
    OWNER,
    USER,
    NoPostgresError,
    Server,
    command,
    identity,
    template,
)

NAMES = ("a", "b", "c")
REPLICATION = {
    "wal_log_hints": "on",  # pg_rewind needs all three
    "full_page_writes": "on",
    "wal_keep_size": "256MB",
    "max_slot_wal_keep_size": "1GB",  # an absent standby may not fill the disk
    "wal_receiver_status_interval": "1s",
    "wal_retrieve_retry_interval": "200ms",
}
FURTHEST = "SELECT greatest(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()) - '0/0'::pg_lsn"
PATIENCE_S = 60.0


class Cluster:
    """A primary and two synchronous standbys, of which any one confirms a commit."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.nodes = {name: Server(folder / name) for name in NAMES}
        self.primary = NAMES[0]

    @classmethod
    def make(cls, folder: Path, settings: Mapping[str, str] = CARELESS) -> "Cluster":
        """Make all three in an existing folder, and wait until both standbys follow."""
        cluster = cls(folder)
        first, *others = NAMES
        for name in NAMES:  # alike to the byte, as a standby that is copied from its primary
            cluster.nodes[name] = Server.copied(
                template(), folder / name, {**settings, **REPLICATION}
            )
        cluster.nodes[first].start()
        for name in others:
            cluster._slot(name)
            cluster._follow(name)
        cluster._introduce(first)
        cluster.nodes[first].reload()
        cluster.wait_for_standbys(2)
        cluster.save()
        return cluster

    @classmethod
    def found(cls, folder: Path) -> "Cluster":
        """Return the cluster that was made in a folder."""
        cluster = cls(folder)
        state = json.loads((folder / "cluster.json").read_text("utf-8"))
        cluster.primary = state["primary"]
        for name, port in state["ports"].items():
            cluster.nodes[name].port = port
        return cluster

    def save(self) -> None:
        """Write down what `found` needs."""
        ports = {name: node.port for name, node in self.nodes.items()}
        state = json.dumps({"primary": self.primary, "ports": ports})
        (self.folder / "cluster.json").write_text(state, "utf-8")

    def address(self) -> str:
        """Return the address of whichever node takes writes."""
        return f"postgresql://{OWNER}@/{OWNER}?" + urlencode(
            {
                "host": ",".join(str(self.folder) for _ in NAMES),
                "port": ",".join(str(self.nodes[name].port) for name in NAMES),
                "target_session_attrs": "read-write",
                "connect_timeout": 2,
            }
        )

    # A failover, step by step

    def fence(self) -> str:
        """Cut the primary's power, and see to it that it returns as a standby or not at all.

        Returns its name. Where there are machines, the fence is outside of them: the power, the
        network, or a watchdog of the node itself.
        """
        old = self.primary
        self.nodes[old].stop("immediate")
        self._becomes_standby(old, follows=None)
        return old

    def promote(self) -> str:
        """Fence the primary, make one of the standby that has more, repoint the other.

        Returns the name of the new primary. Every acknowledged commit is on at least one standby,
        so the further of the two has them all; one alone may lack what the other confirmed.
        """
        standbys = [name for name in NAMES if name != self.primary and self.up(name)]
        if len(standbys) < 2:
            message = (
                "a standby is down that may have more than the other: start or rejoin it first"
            )
            raise NoPostgresError(message)
        if self.up(self.primary):
            self.fence()
        self.primary = max(standbys, key=lambda name: self.nodes[name].sql(FURTHEST)[0][0])
        self.nodes[self.primary].promote()
        for name in NAMES:
            if name != self.primary:
                self._slot(name)
        for name in standbys:
            if name != self.primary:
                self._becomes_standby(name, follows=self.primary)
                self.nodes[name].reload()
        self.save()
        return self.primary

    def rejoin(self, name: str) -> None:
        """Bring a stopped node back as a standby: what only it had is undone (pg_rewind)."""
        if self.up(name):
            self.nodes[name].stop()
        signal = self.nodes[name].data / "standby.signal"
        signal.unlink(missing_ok=True)  # the rewind begins with a recovery that serves nobody
        try:
            self._rewind(name)
        except NoPostgresError:  # what it would have to undo is gone: copy all
            shutil.rmtree(self.nodes[name].data)
            self._copy(name)
        self._follow(name)

    def heal(self) -> None:
        """Bring all that are out back as standbys, and wait until both can confirm a commit."""
        for name in [name for name in NAMES if not self.up(name)]:
            self.rejoin(name)
        self.wait_for_standbys(2)

    def _rewind(self, name: str) -> None:
        self.nodes[self.primary].sql("CHECKPOINT")  # its control file tells the new timeline
        source = f"host={self.folder} port={self.nodes[self.primary].port} user={USER}"
        target: list[str | Path] = ["--target-pgdata", self.nodes[name].data, "--no-sync"]
        command("pg_rewind", *target, "--source-server", source, cwd=self.folder)

    def _copy(self, name: str) -> None:
        port, data = str(self.nodes[self.primary].port), self.nodes[name].data
        source = ("-h", self.folder, "-p", port, "-U", USER)
        target = ("-c", "fast", "-X", "stream", "--no-sync", "-D", data)
        command("pg_basebackup", *source, *target, cwd=self.folder)

    def wait_for_standbys(self, count: int) -> None:
        """Wait until so many standbys can confirm a commit."""
        question = "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'quorum'"
        wait_until(lambda: self.nodes[self.primary].sql(question)[0][0] >= count)

    def wait_until_alike(self) -> None:
        """Wait until the standbys show what the primary shows now."""
        last = self.nodes[self.primary].sql("SELECT pg_current_wal_lsn()::text")[0][0]
        shown = "SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn"
        for name, node in self.nodes.items():
            if name != self.primary:
                wait_until(partial(_shows, node, shown, last))

    def up(self, name: str) -> bool:
        """Say whether a node runs."""
        return (self.nodes[name].data / "postmaster.pid").exists()

    def _slot(self, name: str) -> None:
        self.nodes[self.primary].sql(
            "SELECT pg_create_physical_replication_slot(%s) WHERE NOT EXISTS"
            " (SELECT FROM pg_replication_slots WHERE slot_name = %s)",
            name,
            name,
        )

    def _introduce(self, name: str, source: str = "") -> None:
        """Write down who a node is, whom it waits for when it is primary, and whom it follows."""
        others = ", ".join(each for each in NAMES if each != name)
        self.nodes[name].configure(
            {
                "cluster_name": name,
                "synchronous_standby_names": f"ANY 1 ({others})",
                "primary_conninfo": source,
                "primary_slot_name": name if source else "",
            }
        )

    def _becomes_standby(self, name: str, follows: str | None) -> None:
        source = ""
        if follows is not None:
            where = f"host={self.folder} port={self.nodes[follows].port}"
            source = f"{where} user={USER} application_name={name}"
        self._introduce(name, source)
        self.nodes[name].write("standby.signal", "")

    def _follow(self, name: str) -> None:
        """Start a node as a standby of the primary, without what it kept for others."""
        self._becomes_standby(name, follows=self.primary)
        self.nodes[name].start()
        self.nodes[name].sql("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots")

    # By hand

    def status(self) -> list[str]:
        """Return a line a node."""
        question = (
            "SELECT CASE WHEN pg_is_in_recovery() THEN 'standby at ' || pg_last_wal_replay_lsn()"
            " ELSE 'primary at ' || pg_current_wal_lsn() END"
        )
        told = {
            name: node.sql(question)[0][0] for name, node in self.nodes.items() if self.up(name)
        }
        return [f"{n}  port {at.port}  {told.get(n, 'down')}" for n, at in self.nodes.items()]

    def down(self) -> None:
        """Stop all that run, standbys last."""
        for name in sorted(NAMES, key=lambda name: name != self.primary):
            if self.up(name):
                self.nodes[name].stop("immediate")


def wait_until(true: Callable[[], bool], patience_s: float = PATIENCE_S) -> None:
    """Ask again and again until it is so; TimeoutError if it never is."""
    deadline = time.monotonic() + patience_s
    while not true():
        if time.monotonic() > deadline:
            raise TimeoutError
        time.sleep(0.02)


def up(folder: Path) -> None:
    """Make a cluster in a new folder, whose commits reach the disk, and leave it running."""
    folder.mkdir(parents=True)
    if who := identity():
        os.chown(folder, who["user"], who["group"])
    print(Cluster.make(folder, settings={}).address())


def _shows(node: Server, question: str, position: object) -> bool:
    return bool(node.sql(question, position)[0][0])


def by_hand(word: str, folder: Path) -> None:
    """Do what one of the words says with the cluster in a folder; print how it stands then."""
    if word == "up":
        up(folder)
    cluster = Cluster.found(folder)
    match word:
        case "promote":
            cluster.promote()
            cluster.wait_for_standbys(1)
        case "rejoin":
            cluster.heal()
        case "down":
            cluster.down()
            shutil.rmtree(folder)
            return
    print("\n".join(cluster.status()))


if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1] not in ("up", "status", "promote", "rejoin", "down"):
        sys.exit((__doc__ or "").partition("\n\n")[2].partition("\n\n")[0])
    try:
        by_hand(sys.argv[1], Path(sys.argv[2]).resolve())
    except (NoPostgresError, TimeoutError, FileNotFoundError, FileExistsError) as error:
        sys.exit(f"cluster: {str(error) or 'it took longer than a minute'}")
