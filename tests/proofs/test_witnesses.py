"""Is a witness asked as its protocol says, and believed only when its signature is good?

The witness here keeps its state as one must, on this machine's loopback address.
"""

import http.server
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from domain.ledger import Ledger
from events.store.factory import open_tree
from events.transparency.checkpoint import parse_checkpoint
from events.transparency.merkle import EMPTY_ROOT, ProofError
from events.transparency.note import NoteError, VerifierKey, parse_note, parse_vkey
from events.transparency.proofs import ConsistencyProof, parse_consistency_proof
from tests.proofs.kit import (
    IN_A_FILE,
    LOG,
    WITNESS,
    WITNESS_KEY,
    Ask,
    Signed,
    cosign,
    establish,
    verify_checkpoint,
    well,
)

NOW = 1_753_000_000
OTHER_TEXT = str(cosign("other\n", WITNESS_KEY.name, WITNESS, WITNESS_KEY.public, NOW))


class Witness:
    """A witness of one log: what it signed last, and how it may be told to misbehave."""

    def __init__(self, vkey: str) -> None:
        self.log = parse_vkey(vkey)
        self.size, self.root = 0, EMPTY_ROOT
        self.asked: list[ConsistencyProof] = []
        self.answers: Callable[[ConsistencyProof], tuple[int, bytes]] = self.answer

    def answer(self, growth: ConsistencyProof) -> tuple[int, bytes]:
        tree = growth.checkpoint
        if tree.origin != self.log.name:
            return 404, b""
        try:
            verify_checkpoint(growth.note.encode(), [self.log])
        except NoteError:
            return 403, b""
        if growth.old != self.size:
            return 409, b"%d\n" % self.size
        if tree.size == self.size and tree.root != self.root:
            return 409, b"%d\n" % self.size
        try:
            growth.check(self.root)
        except ProofError:
            return 422, b""
        self.size, self.root = tree.size, tree.root
        made = cosign(growth.note.text, WITNESS_KEY.name, WITNESS, WITNESS_KEY.public, NOW)
        return 200, str(made).encode()

    def take(self, path: str, body: bytes) -> tuple[int, bytes]:
        if path != "/w/add-checkpoint":
            return 404, b""
        try:
            growth = parse_consistency_proof(body)
        except NoteError:
            return 400, b""
        self.asked.append(growth)
        return self.answers(growth)


@pytest.fixture
def witness(signed: Signed) -> Iterator[Witness]:
    served = Witness(signed.vkey)

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, answer = served.take(self.path, body)
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: Any) -> None:
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    policy(signed, f"http://127.0.0.1:{server.server_port}/w/")
    grow(signed, "first")
    yield served
    server.shutdown()
    thread.join()
    server.server_close()


def policy(signed: Signed, url: str) -> None:
    text = f"log {signed.vkey}\nwitness w {WITNESS_KEY} {url}\nquorum w\n"
    (signed.folder / "trust.policy").write_text(text)


def grow(signed: Signed, *names: str) -> None:
    with Ledger(signed.record) as ledger:
        establish(ledger, names)


def cosigned(signed: Signed) -> list[int]:
    with open_tree(signed.record) as tree:
        return [size for size, _, _ in tree.cosignatures()]


def test_a_witness_that_knows_less_is_asked_again_with_its_size(
    witness: Witness, signed: Signed, ask: Ask
) -> None:
    # The record says that it signed 30, and it knows of none.
    note = parse_note(well(ask("checkpoint")).out.encode())
    assert [growth.old for growth in witness.asked] == [30, 0]
    assert cosigned(signed) == [30, 31]
    assert [each.name for each in note.signatures] == ["example.org/ledger", "witness.example/w"]


def test_later_it_is_asked_to_follow_the_growth(witness: Witness, signed: Signed, ask: Ask) -> None:
    well(ask("checkpoint"))
    grow(signed, *(f"more-{n}" for n in range(5)))
    well(ask("checkpoint"))
    assert (witness.asked[-1].old, witness.size) == (31, 36)
    well(ask("checkpoint"))
    assert len(witness.asked) == 3, "who has signed is not asked again"
    well(ask("prove", "@33", "-o", "33"))
    held = well(ask("verify", "33", "--policy", signed.folder / "trust.policy")).out
    assert "the quorum of the policy is met" in held
    assert "the quorum of the last checkpoint is met" in well(ask("audit")).out


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (400, "does not understand"),
        (403, "does not know the key"),
        (404, "does not know this ledger"),
        (409, "has signed another tree"),
        (422, "does not accept the proof"),
        (500, "status 500"),
    ],
)
def test_a_refusal_is_told_and_the_checkpoint_is_kept(
    status: int, sentence: str, witness: Witness, signed: Signed, ask: Ask
) -> None:
    witness.answers = lambda _: (status, b"")
    told = ask("checkpoint")
    assert told.code == 1  # the policy asks for it
    assert sentence in told.err
    assert "quorum is not met" in told.err
    assert parse_checkpoint(told.out.encode())[0].size == 31
    assert cosigned(signed) == [30]
    assert ask("audit", "--quick").code == 1
    witness.answers = witness.answer
    well(ask("checkpoint"))
    assert cosigned(signed) == [30, 31]


def answer_of(
    name: str, private: Any, key: VerifierKey
) -> Callable[[ConsistencyProof], tuple[int, bytes]]:
    def answer(growth: ConsistencyProof) -> tuple[int, bytes]:
        return 200, str(cosign(growth.note.text, name, private, key.public, NOW)).encode()

    return answer


@pytest.mark.parametrize(
    "answers",
    [
        answer_of("witness.example/w", LOG, WITNESS_KEY),  # another key signed it
        answer_of("witness.example/v", WITNESS, WITNESS_KEY),  # under another name
        lambda _: (200, b"rubbish"),
        lambda _: (200, b"\xff"),
        lambda _: (200, b""),
        lambda _: (200, b"x" * 200_000),
        lambda growth: (200, growth.note.encode()),
        lambda _: (200, OTHER_TEXT.encode()),
        lambda _: (409, b"999999\n"),
        lambda _: (409, b"-1\n"),
        lambda _: (409, b"31\n"),
    ],
)
def test_an_answer_that_is_not_good_is_not_stored(
    answers: Callable[[ConsistencyProof], tuple[int, bytes]],
    witness: Witness,
    signed: Signed,
    ask: Ask,
) -> None:
    witness.answers = answers
    told = ask("checkpoint")
    assert told.code == 1, told.err
    assert cosigned(signed) == [30]
    assert len(witness.asked) <= 2


def test_a_witness_that_is_not_there_hinders_nothing(
    witness: Witness, signed: Signed, ask: Ask
) -> None:
    for url in ("http://127.0.0.1:1/w", "ftp://127.0.0.1/w", "nowhere"):
        policy(signed, url)
        told = ask("checkpoint")
        assert (told.code, "gave no answer" in told.err) == (1, True), told.err
    assert parse_checkpoint(told.out.encode())[0].size == 31


@IN_A_FILE
def test_a_witness_signs_no_fork(
    witness: Witness, signed: Signed, ask: Ask, tmp_path: Path
) -> None:
    well(ask("backup", "before"))
    grow(signed, "one")
    well(ask("checkpoint"))
    for trail in signed.config.rglob("signed.checkpoint"):
        trail.unlink()  # the keeper cheats
    well(ask("restore", "before", "fork"))
    with Ledger(tmp_path / "fork" / "record.sqlite3") as ledger:
        establish(ledger, ["another"])
    forked = ask("--ledger", "fork", "checkpoint", "--policy", signed.folder / "trust.policy")
    assert (forked.code, "has signed another tree" in forked.err) == (1, True)
