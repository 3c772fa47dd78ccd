"""Whom does the user trust: which keys, which witnesses, which quorum?"""

from pathlib import Path

from cli.errors.exit_codes import usage
from events.transparency.note import NoteError, VerifierKey, parse_vkey
from events.transparency.trust_policy import PolicyFileError, TrustPolicy, parse_policy

POLICY_NAME = "trust.policy"


def policy_at(path: Path | None) -> TrustPolicy | None:
    """Return the policy in a file, None without a file; or exit 2."""
    if path is None:
        return None
    try:
        return parse_policy(path.read_bytes())
    except PolicyFileError as error:
        usage("the policy is not understood", f"{path}: {error}", "depositary verify --help")


def policy_of(folder: Path | None, option: Path | None) -> TrustPolicy | None:
    """Return the policy named, or else the one in the ledger's folder, or else None."""
    beside = None if folder is None else folder / POLICY_NAME
    return policy_at(option or (beside if beside is not None and beside.exists() else None))


def keys_of(vkeys: list[str], policy: TrustPolicy | None) -> list[VerifierKey]:
    """Return the keys given one by one and those of a policy; or exit 2."""
    try:
        given = [parse_vkey(text) for text in vkeys]
    except NoteError as error:
        usage("that is no verifier key", str(error), "name+id+base64, as depositary key new prints")
    return [*given, *(policy.log_keys + policy.witness_keys if policy else ())]
