"""Is a signed note read in its one encoding, and believed only where a known key signed it?"""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st

from events.transparency.note import (
    COSIGNATURE,
    ED25519,
    MAX_NOTE_BYTES,
    MAX_SIGNATURES,
    Note,
    NoteError,
    Signature,
    SignatureError,
    VerifierKey,
    VerifierKeyError,
    cosigned_message,
    decode_base64,
    encode_base64,
    parse_note,
    parse_vkey,
)
from events.transparency.signatures import good_signatures, is_signed, sign
from tests.proofs.kit import LOG, LOG_KEY, WITNESS, WITNESS_KEY, cosign, vectors, verify_note

KEYS = vectors("note-keys.json")
PRIME = 2**255 - 19
TEXT = "example.org/ledger\nsome text\n"
SIGNED = sign(TEXT, LOG_KEY.name, LOG, LOG_KEY.public)
NOTE = Note(TEXT, (SIGNED,))


def names() -> st.SearchStrategy[str]:
    allowed = st.characters(codec="utf-8", exclude_characters="+", exclude_categories=("C", "Z"))
    return st.text(allowed, min_size=1, max_size=30).filter(
        lambda text: not any(map(str.isspace, text))
    )


def texts() -> st.SearchStrategy[str]:
    line = st.text(st.characters(codec="utf-8", min_codepoint=32), max_size=40)
    return st.lists(line, min_size=1, max_size=5).map(lambda lines: "\n".join(lines) + "\n")


@pytest.mark.parametrize("vkey", KEYS["good_vkeys"] + KEYS["good_cosigner_vkeys"])
def test_a_published_key_is_read_and_written_as_it_is(vkey: str) -> None:
    assert str(parse_vkey(vkey)) == vkey


@pytest.mark.parametrize("vkey", KEYS["bad_vkeys"])
def test_a_bad_key_is_refused(vkey: str) -> None:
    with pytest.raises(VerifierKeyError):
        parse_vkey(vkey)


def test_a_part_of_a_key_is_no_key() -> None:
    good = KEYS["good_vkeys"][0]
    for start in range(len(good)):
        for end in range(start, len(good) + 1):
            if end - start < len(good):
                with pytest.raises(VerifierKeyError):
                    parse_vkey(good[start:end])


def test_a_key_with_one_byte_changed_is_no_key() -> None:
    good = KEYS["good_vkeys"][0].encode()
    for at in range(len(good)):
        changed = good[:at] + bytes([good[at] + 1]) + good[at + 1 :]
        with pytest.raises(VerifierKeyError):
            parse_vkey(changed.decode())


def test_others_sign_the_same_line_with_the_same_key() -> None:
    seed = decode_base64(KEYS["published_test_skey"].split("+", 4)[4])[1:]
    private = Ed25519PrivateKey.from_private_bytes(seed)
    key = parse_vkey(KEYS["good_vkeys"][0])
    line = str(sign(KEYS["signs_text"], key.name, private, key.public))
    assert line == KEYS["to_line"]
    note = parse_note(f"{KEYS['signs_text']}\n{line}".encode())
    assert [found for found, _ in verify_note(note, [key])] == [key]


@given(names(), st.binary(min_size=32, max_size=32), texts())
def test_whatever_is_signed_is_read_back_and_verified(name: str, seed: bytes, text: str) -> None:
    private = Ed25519PrivateKey.from_private_bytes(seed)
    public = private.public_key().public_bytes_raw()
    key = VerifierKey(name, ED25519, public)
    note = Note(text, (sign(text, name, private, public),))
    assert parse_vkey(str(key)) == key
    assert parse_note(note.encode()) == note
    assert verify_note(note, [key]) == [(key, note.signatures[0])]


@given(texts(), st.integers(0, 2**63 - 1))
def test_a_cosignature_is_verified_with_its_time(text: str, time: int) -> None:
    made = cosign(text, WITNESS_KEY.name, WITNESS, WITNESS_KEY.public, time)
    assert made.time == time
    assert is_signed(text, made, WITNESS_KEY)
    later = Signature(made.name, made.key_id, ((time + 1) % 2**63).to_bytes(8) + made.blob[8:])
    assert not is_signed(text, later, WITNESS_KEY)
    assert not is_signed(f"{text}more\n", made, WITNESS_KEY)


def test_a_cosignature_signs_the_words_of_the_specification() -> None:
    assert (
        cosigned_message("a\n1\nb\n", 1679315147) == b"cosignature/v1\ntime 1679315147\na\n1\nb\n"
    )


def test_a_cosignature_after_the_end_of_time_is_bad() -> None:
    made = cosign(TEXT, WITNESS_KEY.name, WITNESS, WITNESS_KEY.public, 2**63)
    assert not is_signed(TEXT, made, WITNESS_KEY)


def test_one_key_has_another_id_as_a_log_and_as_a_witness() -> None:
    as_log, as_witness = (VerifierKey("a", kind, LOG_KEY.public) for kind in (ED25519, COSIGNATURE))
    assert as_log.id != as_witness.id


def test_a_signature_of_an_unknown_key_is_ignored() -> None:
    stranger = Signature("example.org/ledger", b"\0\0\0\0", b"whatever")
    note = Note(TEXT, (stranger, SIGNED))
    assert verify_note(note, [LOG_KEY]) == [(LOG_KEY, SIGNED)]


def test_a_note_that_no_known_key_signed_is_refused() -> None:
    with pytest.raises(SignatureError, match=r"example\.org/ledger"):
        verify_note(NOTE, [WITNESS_KEY])
    assert good_signatures(NOTE, [WITNESS_KEY]) == []


def test_a_bad_signature_of_a_known_key_refuses_the_note() -> None:
    bad = Signature(SIGNED.name, SIGNED.key_id, bytes(64))
    good = cosign(TEXT, WITNESS_KEY.name, WITNESS, WITNESS_KEY.public, 5)
    with pytest.raises(SignatureError, match="bad"):
        verify_note(Note(TEXT, (good, bad)), [LOG_KEY, WITNESS_KEY])
    with pytest.raises(SignatureError, match="bad"):
        verify_note(Note(TEXT, (SIGNED, bad)), [LOG_KEY])


def test_a_key_that_signed_twice_counts_once() -> None:
    assert verify_note(Note(TEXT, (SIGNED, SIGNED)), [LOG_KEY]) == [(LOG_KEY, SIGNED)]


def test_the_text_ends_at_the_last_blank_line() -> None:
    text = "first\n\nsecond\n"
    note = Note(text, (sign(text, LOG_KEY.name, LOG, LOG_KEY.public),))
    assert parse_note(note.encode()).text == text


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n\n",
        b"text\n",
        b"text\n\n",
        NOTE.encode()[:-1],
        NOTE.encode() + b"\n",
        NOTE.encode() + b"trailing\n",
        NOTE.encode().replace("—".encode(), b"-"),
        NOTE.encode().replace("— ".encode(), "—  ".encode()),
        NOTE.encode().replace(b"\n", b"\r\n"),
        NOTE.encode().replace(b"some", b"so\x0bme"),
        NOTE.encode().replace(b"some", b"so\x1cme"),
        NOTE.encode().replace(b"some", b"so\xff"),
        NOTE.encode().replace(b"some", b"so\0me"),
        "text\n\n— a b+c AAAAAAAA\n".encode(),
        "text\n\n— a+b AAAAAAAA\n".encode(),
        "text\n\n— a AAAA\n".encode(),  # no room for a key's id
        "text\n\n— a AAAAAA==\n".encode(),  # the id, and nothing after it
        "text\n\n— a AAAAAAB=\n".encode(),  # would be written AAAAAAA=
        "text\n\n— a AAAA AAAA\n".encode(),
        b"x" * MAX_NOTE_BYTES + NOTE.encode(),
        Note(TEXT, (SIGNED,) * (MAX_SIGNATURES + 1)).encode(),
    ],
    ids=lambda data: repr(data[-40:]),
)
def test_what_is_not_the_one_encoding_is_refused(data: bytes) -> None:
    with pytest.raises(NoteError):
        parse_note(data)


def test_a_text_may_hold_what_other_programs_take_for_a_line_break() -> None:
    text = "one\u2028two\u0085three\n"
    assert parse_note(Note(text, (SIGNED,)).encode()).text == text


@given(st.binary(max_size=300))
def test_no_bytes_crash_the_reader_and_what_it_takes_it_writes_alike(data: bytes) -> None:
    try:
        note = parse_note(data)
    except NoteError:
        return
    assert note.encode() == data


@given(st.data())
def test_a_changed_note_is_refused_or_says_the_same(data: st.DataObject) -> None:
    whole = NOTE.encode()
    at = data.draw(st.integers(0, len(whole) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda n: n != whole[at]))
    try:
        note = parse_note(whole[:at] + bytes([byte]) + whole[at + 1 :])
        verify_note(note, [LOG_KEY])
    except NoteError:
        return
    raise AssertionError("a changed note was believed")


@given(
    st.text(max_size=60)
    | st.sampled_from(KEYS["good_vkeys"]).flatmap(
        lambda key: st.integers(0, len(key)).map(lambda n: key[:n] + "A" + key[n:])
    )
)
def test_no_text_crashes_the_reader_of_keys(text: str) -> None:
    try:
        key = parse_vkey(text)
    except VerifierKeyError:
        return
    assert str(key) == text


# The group of Ed25519 as RFC 8032 gives it, for the keys that must not be trusted.
D = -121665 * pow(121666, -1, PRIME) % PRIME


def points_with(y: int) -> list[tuple[int, int]]:
    square = (y * y - 1) * pow(D * y * y + 1, -1, PRIME) % PRIME
    x = pow(square, (PRIME + 3) // 8, PRIME)
    if (x * x - square) % PRIME:
        x = x * pow(2, (PRIME - 1) // 4, PRIME) % PRIME
    return [] if (x * x - square) % PRIME else [(x, y), (-x % PRIME, y)]


def added(a: tuple[int, int], b: tuple[int, int]) -> tuple[int, int]:
    (x1, y1), (x2, y2) = a, b
    both = D * x1 * x2 * y1 * y2
    x = (x1 * y2 + x2 * y1) * pow(1 + both, -1, PRIME)
    y = (y1 * y2 + x1 * x2) * pow(1 - both, -1, PRIME)
    return x % PRIME, y % PRIME


def low_order_points() -> set[tuple[int, int]]:
    """Return the points whose order divides 8: multiples of one of order 8, found by search."""
    order = 2**252 + 27742317777372353535851937790883648493
    for y in range(2, 50):
        for point in points_with(y):
            found, at, left = (0, 1), point, order
            while left:
                found = added(found, at) if left & 1 else found
                at, left = added(at, at), left >> 1
            multiples = {(0, 1)}
            step = found
            while step != (0, 1):
                multiples.add(step)
                step = added(step, found)
            if len(multiples) == 8:
                return multiples
    raise AssertionError("there is a point of order 8")


def test_a_key_of_low_order_is_refused() -> None:
    points = low_order_points()
    assert len(points) == 8
    for x, y in points:
        for encoded in {y, y + PRIME} if y + PRIME < 2**255 else {y}:
            public = (encoded | (x & 1) << 255).to_bytes(32, "little")
            with pytest.raises(VerifierKeyError, match="weak"):
                parse_vkey(str(VerifierKey("a", ED25519, public)))


def test_a_weak_key_would_have_signed_what_it_never_saw() -> None:
    # Why they are refused: this one signature holds for the point of order 1, whatever the text.
    weak = VerifierKey("a", ED25519, (1).to_bytes(32, "little"))
    forged = Signature("a", weak.id, (1).to_bytes(32, "little") + bytes(32))
    assert is_signed("anything\n", forged, weak)
    assert is_signed("anything else\n", forged, weak)


def test_the_private_key_is_kept_as_openssh_writes_it() -> None:
    written = LOG.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
    assert written.startswith(b"-----BEGIN OPENSSH PRIVATE KEY-----\n")


def test_base64_has_one_form() -> None:
    assert decode_base64(encode_base64(b"abcd")) == b"abcd"
    for other in ("YWJjZB==", "YWJjZA=", "YWJjZA", "YWJj\nZA==", "YWJjZA== ", "YWJj-A=="):
        with pytest.raises(NoteError):
            decode_base64(other)
