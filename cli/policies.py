"""Find the policy that `--policy` names: built in, of the ledger's settings, or of a file."""

import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cli.context import AppContext
from cli.errors.exit_codes import cannot, not_found
from cli.errors.usage import near, with_hint
from domain.claims.policy_file import MAX_BYTES, SpelledPolicyError, policy_from_bytes, read_policy
from domain.claims.ranking import BUILT_IN, NAMES, Policy, PolicyError, policy
from events.store.plain_files import read_plain
from events.store.settings import SETTINGS, read_settings
from events.value import replace
from projections.read_model.schema import kind_bounds

if TYPE_CHECKING:
    from events.store.sqlite.reader import RecordReader

_pinned = re.compile(r"(.+)@sha256:([0-9a-fA-F]{8,64})").fullmatch


def check_parties(record: "RecordReader", chosen: Policy) -> None:
    """Exit 3 for a policy that names a party about which nothing was ever recorded."""
    for party in chosen.parties:
        if next(record.rows(thing=party), None) is None:
            known = record.things_of_types(
                ("party.established.v1",), kind_bounds("party"), record.last_position()
            )
            why = f"--policy {chosen.name}: nothing is recorded of {party}"
            why = with_hint(why, near(party, known))
            not_found("no such party", why, "depositary party list")


def chosen_policy(app: AppContext, text: str) -> Policy:
    """Return the policy of a name or a file; behind @sha256: stands the digest that it must have.

    A name that is not built in is of the settings of the ledger's folder. Who made the folder chose
    what it means, so it is said where no digest is asked for, and it names files of the folder.
    """
    if text in BUILT_IN or text.startswith("prefer:"):
        return policy(text)
    match = _pinned(text)
    name, pin = (match[1], match[2].lower()) if match else (text, "")
    if "/" in name or name.endswith(".toml"):
        found = policy_from_bytes(name, read_plain(Path(name), MAX_BYTES))
    else:
        found = _policy_of_folder(app, name)
        if not pin:
            where = app.place.folder
            sys.stderr.write(f"note: policy {name} is what {where} says: --policy {found}\n")
    if not found.digest.startswith(pin):
        why = f"{name} has sha256:{found.digest}, and sha256:{pin} is asked for"
        cannot("the policy file has changed", why, f"--policy {name} asks by what it says now")
    return found


def _policy_of_folder(app: AppContext, name: str) -> Policy:
    folder = app.place.folder
    settings = read_settings(folder) if folder else None
    policies: Mapping[str, Any] = settings.policies if settings else {}
    if folder is None or name not in policies:
        meant = near(name, (*BUILT_IN, *policies))
        of_file = f"{', '.join(NAMES[:-1])}, or a file as ./{name}.toml"
        raise PolicyError(f"'{name}' is no policy: {meant or f'write one of {of_file}'}")
    given = policies[name]
    if isinstance(given, dict):
        return read_policy(name, given)
    path = folder / given
    if not path.resolve().is_relative_to(folder.resolve()):
        why = f"{folder / SETTINGS}: policy {name}: {given!r:.60} is not a file of the folder"
        raise SpelledPolicyError(
            "the policy is not understood", why, "--policy FILE, which you name"
        )
    return replace(policy_from_bytes(given, read_plain(path, MAX_BYTES, follow=False)), name=name)
