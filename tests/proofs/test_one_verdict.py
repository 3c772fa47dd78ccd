"""Do the command and the verifier in a bundle give one exit code for one input?"""

import hashlib
import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from events.transparency.proof_bundle.verify import main as verify_bundle
from tests.proofs.kit import LOG_KEY, WITNESS_KEY, Ask, Signed, well

PROOF, ENTRY = "proof.tlog-proof", "entry.json"
SAMPLE = 120
ROOT = Path(__file__).resolve().parents[2]

Edit = tuple[str, bytes | None]


@pytest.fixture
def bundle(signed_in_file: Signed, ask: Ask, openssl: str) -> tuple[Path, str]:
    assert openssl
    well(ask("prove", "@7", "--bundle", "court"))
    return Path("court"), signed_in_file.vkey


def codes(folder: Path, ask: Ask, *options: str) -> tuple[int, int]:
    """Return the exit code of the bundle's verifier, and of the command."""
    try:
        alone = verify_bundle([*options, "--folder", str(folder)])
    except SystemExit as end:
        alone = int(str(end.code))
    return alone, ask("verify", folder, *options).code


def whole(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in (PROOF, ENTRY)}


def put(folder: Path, files: dict[str, bytes], edit: Edit) -> None:
    for name, data in files.items():
        (folder / name).write_bytes(data)
    name, changed = edit
    if changed is None:
        (folder / name).unlink()
    else:
        (folder / name).write_bytes(changed)


def chosen_edits(files: dict[str, bytes]) -> Iterator[Edit]:
    """Yield edits that a parser may read in two ways."""
    for name, data in files.items():
        yield from ((name, None), (name, b""), (name, data * 2), (name, data + b"\n"))
        yield from ((name, b"\xef\xbb\xbf" + data), (name, data.replace(b"\n", b"\r\n")))
        yield name, data + b"x" * 2_100_000
    proof = files[PROOF]
    head, _, note = proof.partition(b"\n\n")
    first, index, *hashes = head.split(b"\n")
    line = note.rstrip().split(b"\n")[-1] + b"\n"

    def of(*lines: bytes) -> Edit:
        return PROOF, b"\n".join(lines) + b"\n\n" + note

    for extra in (b"AAAA", b"", b"!!!", b"AAAB=", b"\xff", b"A" * 1_500_000, b"A" * 2_400_000):
        yield of(first, b"extra " + extra, index, *hashes)
    yield of(first, b"extra AAAA", b"extra AAAA", index, *hashes)
    yield from (of(first, index), of(first), of(first, index, *hashes[:-1]))
    yield from (of(first, index, *hashes, *hashes[-1:] * times) for times in (1, 50, 60))
    yield from (of(first, index, cut, *hashes[1:]) for cut in (b"", b"AAAA", hashes[0][:20]))
    for text in (b"-1", b"07", b"0", b"29", b"30", b"31", b"%d" % 2**63, b"", b"7 ", b"\xd9\xa7"):
        yield PROOF, proof.replace(b"index 6", b"index " + text)
        yield PROOF, proof.replace(b"\n30\n", b"\n" + text + b"\n")
    dash = "— ".encode()
    for more in (b"AAAAAAAAAA==", b"AAAAAA==", b"AAAA", b"AAAAAAAAAA", b"AAAAAAAAAB==", b""):
        yield PROOF, proof + dash + b"other " + more + b"\n"
    for name in ("ot+her", "ot\u00a0her", "ot\u2028her", "ot\x7fher", "ot\x01her", "", "ä"):
        yield PROOF, proof + f"— {name} AAAAAAAAAA==\n".encode()
    yield from ((PROOF, proof + (dash + b"o AAAAAAAAAA==\n") * n) for n in (1, 98, 99, 100, 120))
    yield PROOF, proof + dash + b"o" * 1_000_000 + b" AAAAAAAAAA==\n"
    yield from ((PROOF, proof + line), (PROOF, proof.replace(line, b"")), (PROOF, proof[:-1]))
    yield PROOF, proof.replace(line[-8:], b"AAA==\n")
    yield from ((PROOF, note), (PROOF, b"old 3\n\n" + note), (PROOF, first), (PROOF, first + b"\n"))
    yield PROOF, proof.replace(b"proof@v1", b"proof@v2")
    for origin in (b"example.org/other\n", b"\n"):
        yield PROOF, proof.replace(b"example.org/ledger\n", origin, 1)
    yield PROOF, proof.replace(b"\n30\n", b"\n30\nmore\n")


def random_edits(files: dict[str, bytes], seed: int, count: int) -> Iterator[Edit]:
    chosen = random.Random(seed)  # noqa: S311 - the same edits each time
    for _ in range(count):
        name = chosen.choice([PROOF] * 4 + [ENTRY])
        data = bytearray(files[name])
        at = chosen.randrange(len(data))
        match chosen.randrange(4):
            case 0:
                data[at] ^= 1 << chosen.randrange(8)
            case 1:
                del data[at : at + chosen.randrange(1, 20)]
            case 2:
                data[at:at] = bytes(chosen.choices(b"\n A1+/=-\x00\xe2\t\r", k=3))
            case _:
                del data[at:]
        yield name, bytes(data)


def differing(folder: Path, vkey: str, ask: Ask, edits: Iterator[Edit]) -> list[str]:
    files = whole(folder)
    wrong = []
    for edit in edits:
        put(folder, files, edit)
        found = codes(folder, ask, "--vkey", vkey)
        harmless = edit[1] is not None and edit[1] == files[edit[0]]
        accepted = found[0] == 0 and not harmless and edit[0] == ENTRY
        if found[0] != found[1] or accepted or found[0] not in (0, 4, 7):
            wrong.append(f"{found}: {edit[0]} {edit[1]!r:.300}")
    return wrong


def test_one_input_has_one_exit_code(bundle: tuple[Path, str], ask: Ask) -> None:
    folder, vkey = bundle
    assert codes(folder, ask, "--vkey", vkey) == (0, 0)
    assert differing(folder, vkey, ask, chosen_edits(whole(folder))) == []


def test_random_edits_have_one_exit_code(bundle: tuple[Path, str], ask: Ask) -> None:
    folder, vkey = bundle
    assert differing(folder, vkey, ask, random_edits(whole(folder), 20250716, SAMPLE)) == []


@pytest.mark.long
@pytest.mark.parametrize("seed", range(8))
def test_many_random_edits_have_one_exit_code(
    seed: int, bundle: tuple[Path, str], ask: Ask
) -> None:
    folder, vkey = bundle
    assert differing(folder, vkey, ask, random_edits(whole(folder), seed, 1_000)) == []


def test_an_edit_of_both_files_has_one_exit_code(bundle: tuple[Path, str], ask: Ask) -> None:
    folder, vkey = bundle
    proof = (folder / PROOF).read_bytes()
    (folder / PROOF).write_bytes(proof.replace(b"\n30\n", b"\n31\n"))
    (folder / ENTRY).unlink()
    assert codes(folder, ask, "--vkey", vkey) == (4, 4)


def test_a_file_beside_a_bundle_is_not_taken_for_its_entry(
    bundle: tuple[Path, str], ask: Ask
) -> None:
    folder, vkey = bundle
    entry = (folder / ENTRY).read_bytes()
    (folder / f"{PROOF}.entry").write_bytes(entry)
    (folder / ENTRY).write_bytes(entry + b" ")
    assert codes(folder, ask, "--vkey", vkey) == (4, 4)


def test_one_key_has_one_exit_code(bundle: tuple[Path, str], ask: Ask) -> None:
    folder, vkey = bundle
    Path("keys").write_text(f"# mine\n\n{vkey}\n")
    Path("none").write_text("# nothing\n")
    for given, code in (
        ("keys", 0),
        ("none", 2),
        ("missing", 2),
        ("rubbish", 2),
        (vkey[:-1], 2),
        (f" {vkey}", 2),
        (f"a b{vkey}", 2),
        (f"\x01{vkey}", 2),
        (f"{vkey}\n", 2),
        (str(LOG_KEY), 7),
        (str(WITNESS_KEY), 7),
    ):
        assert codes(folder, ask, "--vkey", given) == (code, code), given
    assert codes(folder, ask, "--vkey", str(LOG_KEY), "--vkey", vkey) == (0, 0)


def test_the_verifier_of_a_bundle_is_known_by_its_digest(
    bundle: tuple[Path, str], ask: Ask
) -> None:
    folder, vkey = bundle
    digest = hashlib.sha256((folder / "verify.py").read_bytes()).hexdigest()
    told = well(ask("verify", folder, "--vkey", vkey)).out
    assert f"its verify.py is the one that this version ships (SHA-256 {digest})" in told
    assert digest in (ROOT / "docs/proof.md").read_text("utf-8")
    with (folder / "verify.py").open("a") as file:
        file.write("print('holds: everything')\n")
    told = well(ask("verify", folder, "--vkey", vkey)).out
    assert "careful: court: its verify.py is not the one that this version ships" in told
    (folder / "verify.py").unlink()
    assert "careful: court: it has no verify.py" in well(ask("verify", folder, "--vkey", vkey)).out
    shutil.copy(folder / PROOF, "7")
    shutil.copy(folder / ENTRY, "7.entry")
    assert "verify.py" not in well(ask("verify", "7", "--vkey", vkey)).out
