"""Is a trust policy read as the specification says, and is its quorum counted right?"""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from events.transparency.note import COSIGNATURE, VerifierKey
from events.transparency.trust_policy import PolicyFileError, parse_policy
from tests.proofs.kit import LOG_KEY, WITNESS_KEY


def witness(number: int) -> VerifierKey:
    private = Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32)
    public = private.public_key().public_bytes_raw()
    return VerifierKey(f"witness.example/{number}", COSIGNATURE, public)


X1, X2, X3, Y1, Y2, Y3 = KEYS = [witness(n) for n in range(11, 17)]
EXAMPLE = f"""\
# The example of the specification.
log {LOG_KEY}

witness X1 {X1}
witness X2 {X2} https://witness.example/x2
witness X3\t{X3}
  group X-witnesses 2 X1 X2 X3

witness Y1 {Y1}
witness Y2 {Y2}
witness Y3 {Y3}
group Y-witnesses any Y1 Y2 Y3

group X-and-Y all X-witnesses Y-witnesses
quorum X-and-Y
"""


def test_the_example_of_the_specification_is_understood() -> None:
    policy = parse_policy(EXAMPLE.encode())
    assert policy.log_keys == [LOG_KEY]
    assert policy.witness_keys == KEYS
    assert policy.witnesses["X2"].url == "https://witness.example/x2"


@given(st.sets(st.sampled_from(KEYS)))
def test_the_quorum_of_the_example_is_two_of_one_house_and_one_of_the_other(
    signed: set[VerifierKey],
) -> None:
    met = len(signed & {X1, X2, X3}) >= 2 and bool(signed & {Y1, Y2, Y3})
    assert parse_policy(EXAMPLE.encode()).is_met(signed) is met


def test_a_quorum_of_none_is_always_met() -> None:
    assert parse_policy(b"quorum none\n").is_met([])


def test_a_single_witness_may_be_the_quorum() -> None:
    policy = parse_policy(f"witness w {X1}\nquorum w\n".encode())
    assert policy.is_met([X1])
    assert not policy.is_met([X2])


def test_a_name_is_octets_and_not_text() -> None:
    kelvin = f"witness \u212a {X1}\nquorum K\n".encode()
    with pytest.raises(PolicyFileError, match="line 2"):
        parse_policy(kelvin)
    assert parse_policy(b"witness \xff " + f"{X1}\n".encode() + b"quorum \xff\n").is_met([X1])


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "one quorum line"),
        (f"log {LOG_KEY}\n", "one quorum line"),
        ("quorum none", "newline"),
        ("quorum none\nquorum none\n", "second quorum"),
        ("quorum w\n", "not defined above"),
        (f"quorum w\nwitness w {X1}\n", "not defined above"),
        (f"log {LOG_KEY}\nlog {LOG_KEY}\nquorum none\n", "second time"),
        (f"witness a {X1}\nwitness b {X1}\nquorum none\n", "second time"),
        (f"witness a {X1}\nwitness a {X2}\nquorum none\n", "taken"),
        (f"witness none {X1}\nquorum none\n", "taken"),
        (f"witness a {X1}\ngroup a any a\nquorum none\n", "taken"),
        (f"witness a {X1}\ngroup g any a a\nquorum none\n", "member already"),
        (f"witness a {X1}\ngroup g 2 a\nquorum none\n", "wants 2 of 1"),
        (f"witness a {X1}\ngroup g 0 a\nquorum none\n", "how many"),
        (f"witness a {X1}\ngroup g 01 a\nquorum none\n", "how many"),
        (f"witness a {X1}\ngroup g any\nquorum none\n", "not a line of a policy"),
        ("group g any none\nquorum none\n", "not defined above"),
        (f"log {WITNESS_KEY}\nquorum none\n", "not a log's"),
        (f"witness a {LOG_KEY}\nquorum none\n", "not a witness'"),
        ("log rubbish\nquorum none\n", "not a verifier key"),
        ("quorum none\r\n", "control"),
        ("quorum\u00a0none\n", "not a line of a policy"),  # only spaces and tabs divide words
        ("Quorum none\n", "not a line of a policy"),
    ],
)
def test_what_is_no_policy_is_refused_with_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(PolicyFileError, match=sentence):
        parse_policy(text.encode())


@given(st.binary(max_size=200) | st.lists(st.sampled_from(EXAMPLE.encode().split())).map(b" ".join))
def test_no_bytes_crash_the_reader_of_policies(data: bytes) -> None:
    try:
        policy = parse_policy(data)
    except PolicyFileError:
        return
    policy.is_met(policy.witness_keys)
