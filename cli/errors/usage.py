"""Say what is wrong with the command line, and what may have been meant."""

import re
from collections.abc import Iterable
from difflib import SequenceMatcher, get_close_matches
from typing import Any

from typer import Abort
from typer._click import exceptions as click

from cli.errors.exit_codes import INTERRUPTED, USAGE, CommandError, single_line, usage_failure
from cli.typed_input import option_meant
from events.identifiers import slug_of

# docs/spec/answers.md, 6.2: a part of a State is an agency of it.
_PARTY_TYPES_IN_WORDS = {
    "agency": "subdivision province region land bundesland canton county municipality city "
    "federal-state ministry authority court police central-bank government",
    "state": "country nation",
    "company": "corporation firm exchange bank fund business",
    "publisher": "newspaper media outlet press tracker",
    "organisation": "organization ngo association foundation",
    "person": "individual human official",
}
MOST_LISTED = 12  # words that an error lists


def near(wrong: str, right: Iterable[str]) -> str:
    """Return `did you mean a or b?` for ids that come near, by name or code; "" for none."""
    slugs = {slug_of(name) or name: name for name in right}
    wanted = (slug_of(wrong) or wrong).lower()
    found = [slugs[s] for s in get_close_matches(wanted, slugs, n=3, cutoff=0.6)]
    found += [slugs[s] for s in (wanted[:2], wanted[0:1] + wanted[2:3]) if s in slugs]
    return did_you_mean(list(dict.fromkeys(found))[:3])


def did_you_mean(meant: Iterable[str]) -> str:
    """Return the question which of several was meant; an empty text for none."""
    several = " or ".join(meant)
    return f"did you mean {several}?" if several else ""


def with_hint(sentence: str, hint: str) -> str:
    """Return a sentence with `did you mean ...?` behind it, where there is anything to offer."""
    return f"{sentence}: {hint}" if hint else sentence


def usage_error(error: BaseException) -> CommandError | None:
    """Return the message for an error of the command line; None if it is none."""
    match error:
        case Abort():
            return CommandError(INTERRUPTED, "interrupted", "nothing was written", "run it again")
        case click.NoArgsIsHelpError():
            return NothingAskedError(error.ctx.get_help())
        case click.UsageError():
            return _usage(error)
        case click.ClickException():
            return CommandError(USAGE, "not understood", str(error), "depositary --help")
    return None


class NothingAskedError(CommandError):
    """A command was named and nothing asked of it: the answer is its help."""

    def __init__(self, help_: str) -> None:
        super().__init__(USAGE, "no command", "no command is given", "depositary --help")
        self.help = help_

    def text(self, *, as_json: bool) -> str:
        """Return the help, or one JSON object."""
        return super().text(as_json=True) if as_json else self.help


def no_such_command(path: str, given: str, names: Iterable[str]) -> CommandError:
    """Return the error for a command that is not there, with the one that may have been meant."""
    options = {"version": "--version"} if path == "depositary" else {}
    meant = [options.get(one, one) for one in meant_by(given, [*names, *options])]
    why = with_hint(f"there is no '{path} {given}'", did_you_mean(meant))
    then = f"{path} {meant[0]} --help" if meant else f"{path} --help"
    then = f"{path} --version" if meant[:1] == ["--version"] else then
    if path == "depositary" and given in ("show", "list"):
        why, then = f"the kind comes first: depositary reserve {given}", "depositary find WORDS"
    return CommandError(USAGE, "no such command", why, then)


def meant_by(given: str, names: Iterable[str]) -> list[str]:
    """Return at most three names that begin like the given one, or else come near to it."""
    known, given = list(names), given.lower()
    begun = [name for name in known if given and name.startswith(given)]
    near = get_close_matches(given, known, n=3, cutoff=0.6)
    alike = [name for name in known if len(given) >= 3 and name.startswith(given[:3])]
    several = begun or list(dict.fromkeys((*near, *alike)))
    apart = {name: 1 - SequenceMatcher(a=given, b=name).ratio() for name in several}
    return sorted(several, key=lambda name: (name[:3] != given[:3], apart[name]))[:3]


def party_type_meant(given: str, known: Iterable[str]) -> list[str]:
    """Return the type of party that a word of the field stands for, if it is known: province."""
    wanted = given.lower().replace("_", "-").replace(" ", "-")
    return [type_ for type_ in known if wanted in _PARTY_TYPES_IN_WORDS.get(type_, "").split()]


def check_choice(noun: str, given: str, known: Iterable[str], then: str) -> str:
    """Return one of several words; exit 2 for any other, with the one that may have been meant."""
    known = list(known)
    if given not in known:
        several = f" of {', '.join(known)}" if len(known) <= MOST_LISTED else ""
        meant = did_you_mean(party_type_meant(given, known) or meant_by(given, known))
        why = with_hint(f"'{given[:60]}' is not one{several}", meant)
        usage_failure(f"no such {noun}", why, then)
    return given


def _usage(error: click.UsageError) -> CommandError:
    path = _words(error.ctx.command_path) if error.ctx else "depositary"
    if error.ctx and (type_ := error.ctx.meta.get("type")):
        path += f" {type_}"  # its options are meant
    match error:
        case click.NoSuchOption():
            what, why = "no such option", _no_such_option(error)
        case click.MissingParameter():
            what, why = "something is missing", _missing(error)
        case click.BadParameter():
            option = error.param.opts[0] if error.param else error.param_hint or "a value"
            what, why = "a value is not understood", f"{option}: {_plainly(error.message)}"
        case _:
            what, why = "not understood", _plainly(error.format_message())
    return CommandError(USAGE, what, single_line(why), f"{path} --help")


_PLAIN = (
    (r"is not a valid int(?:eger)?(?: range)?\.", "is not a whole number"),
    (r"is not a valid float(?: range)?\.", "is not a number"),
    (r"is not in the range x>=(\S+)\.", r"is less than \1"),
    (r"is not in the range (\S+)<=x<=(\S+)\.", r"is not from \1 to \2"),
    (r"Got unexpected extra arguments? \((.*)\)", r"'\1' is more than is expected here"),
    (r"Got unexpected extra argument\(s\) \((.*)\)", r"'\1' is more than is expected here"),
    (r"Option '(.*)' requires an argument\.", r"\1 is given without a value"),
)


def _plainly(message: str) -> str:
    """Return what the library says of a command line in the words of this program."""
    for pattern, words in _PLAIN:
        message = re.sub(pattern, words, message)
    return message


def _no_such_option(error: Any) -> str:
    known = [
        name
        for parameter in (error.ctx.command.get_params(error.ctx) if error.ctx else ())
        for name in parameter.opts
        if name.startswith("--")
    ]
    spelled = [name.removeprefix("--") for name in known]
    by_word = option_meant(error.option_name)
    meant = (
        [by_word]
        if by_word and by_word in known
        else meant_by(error.option_name.lstrip("-"), spelled)
    )
    options = [f"--{one.removeprefix('--')}" for one in meant]
    if error.ctx and error.ctx.parent is None and not options:
        return f"{error.option_name} is no option of all commands: it stands behind one of them"
    return with_hint(f"there is no {error.option_name} here", did_you_mean(options))


def _missing(error: Any) -> str:
    if error.param is None:
        return str(error.format_message())
    if error.param.param_type_name == "argument":
        return f"{error.param.human_readable_name} is not given"
    return f"{error.param.opts[-1]} is not given"


def _words(path: str) -> str:
    """Return the words of a command without the arguments that stand between them."""
    return " ".join(word for word in path.split() if word.islower())
