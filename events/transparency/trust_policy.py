"""Read a trust policy: the logs, the witnesses and the quorum that a verifier requires.

C2SP tlog-policy: lines `log VKEY [URL]`, `witness NAME VKEY [URL]`, `group NAME all|any|N NAMES`
and one `quorum NAME|none`. It is a file of octets: names are compared byte for byte.
"""

import os
import re
from collections.abc import Collection
from pathlib import Path
from typing import NamedTuple

from events.errors import NotUnderstoodError
from events.store.plain_files import read_plain
from events.transparency.note import COSIGNATURE, ED25519, NoteError, VerifierKey, parse_vkey

POLICY_NAME = "trust.policy"
NONE = "none"
_KEY_FORM = "name+id+base64, as depositary key new prints, or a file of such lines"
MAX_POLICY_BYTES = 1_000_000

_control = re.compile(rb"[\x00-\x08\x0b-\x1f\x7f]")
_is_count = re.compile(r"[1-9][0-9]{0,3}").fullmatch


class PolicyFileError(ValueError):
    """Each line of a policy is one that the specification defines; names precede their use."""


class TrustedParty(NamedTuple):
    """A log or a witness: its key, and its address if it has one."""

    key: VerifierKey
    url: str | None = None


class WitnessGroup(NamedTuple):
    """A group counts as having cosigned when at least `needed` of its members have."""

    needed: int
    members: tuple[str, ...]


class TrustPolicy(NamedTuple):
    """The logs accepted, the witnesses known, and the quorum: a witness, a group or "none"."""

    logs: tuple[TrustedParty, ...]
    witnesses: dict[str, TrustedParty]
    groups: dict[str, WitnessGroup]
    quorum: str

    @property
    def log_keys(self) -> list[VerifierKey]:
        """Return the keys of the logs."""
        return [log.key for log in self.logs]

    @property
    def witness_keys(self) -> list[VerifierKey]:
        """Return the keys of the witnesses."""
        return [witness.key for witness in self.witnesses.values()]

    def is_met(self, cosigned: Collection[VerifierKey]) -> bool:
        """Say whether the witnesses that cosigned are enough."""
        return self.quorum == NONE or self._has(self.quorum, cosigned)

    def _has(self, name: str, cosigned: Collection[VerifierKey]) -> bool:
        if name in self.witnesses:
            return self.witnesses[name].key in cosigned
        group = self.groups[name]
        return sum(self._has(member, cosigned) for member in group.members) >= group.needed


def parse_policy(data: bytes) -> TrustPolicy:
    """Return the policy; raise PolicyFileError with the number of the line."""
    if len(data) > MAX_POLICY_BYTES:
        raise PolicyFileError(f"A policy has at most {MAX_POLICY_BYTES:,} bytes.")
    if data and not data.endswith(b"\n"):
        raise PolicyFileError("Each line of a policy ends with a newline.")
    reading = _Reading()
    for number, line in enumerate(data.split(b"\n"), 1):
        try:
            reading.take(line)
        except (PolicyFileError, NoteError) as error:
            raise PolicyFileError(f"line {number}: {error}") from None
    if reading.quorum is None:
        raise PolicyFileError("A policy has one quorum line: quorum NAME, or quorum none.")
    return TrustPolicy(tuple(reading.logs), reading.witnesses, reading.groups, reading.quorum)


def policy_at(path: Path | None) -> TrustPolicy | None:
    """Return the policy in a file, None without a file; or raise NotUnderstoodError."""
    if path is None:
        return None
    try:
        return parse_policy(read_plain(path, MAX_POLICY_BYTES + 1))
    except PolicyFileError as error:
        what, then = "the policy is not understood", "depositary verify --help"
        raise NotUnderstoodError(what, f"{path}: {error}", then) from None


def policy_of(folder: Path | None, option: Path | None) -> TrustPolicy | None:
    """Return the policy named, or else the one in the ledger's folder, or else None."""
    beside = None if folder is None else folder / POLICY_NAME
    return policy_at(option or (beside if beside is not None and beside.exists() else None))


def keys_of(vkeys: list[str], policy: TrustPolicy | None) -> list[VerifierKey]:
    """Return the keys given, singly or in files, and a policy's; or raise NotUnderstoodError.

    A file has a key a line, as `depositary key new` prints them; empty lines and what begins with
    # are passed over.
    """
    given = [key for text in vkeys for key in _given(text)]
    return [*given, *(policy.log_keys + policy.witness_keys if policy else ())]


def _given(text: str) -> list[VerifierKey]:
    where = ""
    try:
        # Unlike Path.is_file it raises nothing for a text that no file could have as its name.
        if "+" in text and not os.path.isfile(text):
            return [parse_vkey(text)]
        where = f"{text}: "
        with Path(text).open("rb") as file:
            lines = file.read(MAX_POLICY_BYTES).decode().split("\n")
        said = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
        found = [parse_vkey(line) for line in said]
    except (NoteError, OSError, ValueError) as error:
        why = f"{where}{getattr(error, 'strerror', None) or error}"
        raise NotUnderstoodError("that is not a verifier key", why, _KEY_FORM) from None
    if not found:
        raise NotUnderstoodError("that is not a verifier key", f"{text} names none", _KEY_FORM)
    return found


class _Reading:
    """A policy as far as it has been read."""

    def __init__(self) -> None:
        self.logs: list[TrustedParty] = []
        self.witnesses: dict[str, TrustedParty] = {}
        self.groups: dict[str, WitnessGroup] = {}
        self.quorum: str | None = None
        self._members: set[str] = set()

    def take(self, line: bytes) -> None:
        if _control.search(line):
            raise PolicyFileError("has a control character")
        # Octets above 0x7F pass through as they are; only what a key needs is read as UTF-8.
        words = [word.decode("latin-1") for word in re.split(rb"[ \t]+", line.strip(b" \t"))]
        match words:
            case [first, *_] if not first or first.startswith("#"):
                return
            case ["log", vkey, *url] if len(url) <= 1:
                self._log(TrustedParty(_key(vkey, ED25519), *map(_text, url)))
            case ["witness", name, vkey, *url] if len(url) <= 1:
                self._witness(name, TrustedParty(_key(vkey, COSIGNATURE), *map(_text, url)))
            case ["group", name, count, *members] if members:
                self._group(name, count, members)
            case ["quorum", name]:
                self._quorum(name)
            case _:
                raise PolicyFileError("is not a line of a policy: log, witness, group or quorum")

    def _log(self, log: TrustedParty) -> None:
        if log.key.public in [each.key.public for each in self.logs]:
            raise PolicyFileError("names a log's key a second time")
        self.logs.append(log)

    def _witness(self, name: str, witness: TrustedParty) -> None:
        self._check_new(name)
        if witness.key.public in [each.key.public for each in self.witnesses.values()]:
            raise PolicyFileError("names a witness' key a second time")
        self.witnesses[name] = witness

    def _group(self, name: str, count: str, members: list[str]) -> None:
        self._check_new(name)
        for member in members:
            self._check_known(member)
            if member in self._members:
                raise PolicyFileError(f"'{_text(member)}' is a member already: a name counts once")
            self._members.add(member)
        if count not in ("all", "any") and not _is_count(count):
            raise PolicyFileError("says how many as all, any, or a number")
        needed = {"all": len(members), "any": 1}.get(count) or int(count)
        if needed > len(members):
            raise PolicyFileError(f"wants {needed} of {len(members)} members")
        self.groups[name] = WitnessGroup(needed, tuple(members))

    def _quorum(self, name: str) -> None:
        if self.quorum is not None:
            raise PolicyFileError("is a second quorum line")
        if name != NONE:
            self._check_known(name)
        self.quorum = name

    def _check_new(self, name: str) -> None:
        if name == NONE or name in self.witnesses or name in self.groups:
            raise PolicyFileError(f"the name '{_text(name)}' is taken")

    def _check_known(self, name: str) -> None:
        if name not in self.witnesses and name not in self.groups:
            raise PolicyFileError(f"'{_text(name)}' is not defined above")


def _text(word: str) -> str:
    return word.encode("latin-1").decode("utf-8", "replace")


def _key(vkey: str, algorithm: int) -> VerifierKey:
    try:
        key = parse_vkey(vkey.encode("latin-1").decode())
    except UnicodeDecodeError:
        raise PolicyFileError("has a key whose name is not UTF-8") from None
    if key.algorithm != algorithm:
        wanted = "a log's" if algorithm == ED25519 else "a witness'"
        raise PolicyFileError(f"has a key that is not {wanted}")
    return key
