"""Run one command of `depositary` and end with its exit code.

Whatever happens becomes an exit code and, when something went wrong, three lines: data goes to
standard output, all else to standard error.
"""

import gc
import os
import signal
import sys
import traceback
from collections.abc import Sequence
from contextlib import suppress
from itertools import pairwise
from typing import NoReturn, TextIO

from cli.errors.exit_codes import (
    CANNOT,
    CLOSED_PIPE,
    DONE,
    HUNG_UP,
    INTERRUPTED,
    TERMINATED,
    CommandError,
    message_of,
    settle,
    settled,
    single_line,
)
from cli.output.streams import guarded_streams, has_written, say_notes, write_error


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    with guarded_streams():
        return _main(given)


def _main(given: list[str]) -> int:
    settle(DONE)
    try:
        _need_streams(given)
        code = _run(given)
        settle(code)
        say_notes()
        sys.stdout.flush()
    except SystemExit:
        raise
    except BrokenPipeError:
        _drop(sys.stdout)
        return settled() or CLOSED_PIPE
    except BaseException as error:
        return _failed(error, given)
    return code


_VERDICTS = frozenset(("audit", "verify"))  # their exit code is an answer in itself
_came: list[int] = []  # signals that ended the command


def _end_as_interrupted() -> None:
    """Let SIGTERM and SIGHUP end the command as Ctrl-C does, unless they are ignored."""

    def interrupt(number: int, _: object) -> None:
        _came.append(number)
        raise KeyboardInterrupt

    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, interrupt)


def _by_signal(known: CommandError) -> CommandError:
    """Return how a command ended that a signal interrupted: by that signal."""
    if known.exit_code != INTERRUPTED or not _came:
        return known
    code = 128 + _came[0]
    what = {TERMINATED: "terminated", HUNG_UP: "the terminal was closed"}[code]
    return CommandError(code, what, known.why, known.then)


def run() -> NoReturn:
    """Be the process `depositary`: run one command, and end with its exit code.

    Nothing is left to do when `main` returns, for whatever was opened has been closed; taking
    the interpreter apart would be a twelfth of a short read.
    """
    gc.disable()  # it is over before a search for garbage would pay; bodies and rows make no cycles
    _end_as_interrupted()
    code = main()
    with suppress(OSError):
        if sys.stderr is not None:  # it was closed from the beginning
            sys.stderr.flush()
    os._exit(code)


def _run(given: list[str]) -> int:
    _refuse_passwords(given)
    # Imported here, so that an interrupt while the libraries load ends as any other does.
    import typer

    _import_msgspec()
    from cli.app import COMPLETE, ROOT

    if instruction := os.environ.get(COMPLETE):
        from cli.commands.start.help import answer

        return answer(instruction)
    for again in (True, False):
        try:
            with ROOT.make_context("depositary", list(given)) as context:
                code = context.command.invoke(context)
        except typer.Exit as end:
            return end.exit_code
        except Exception as error:
            if not (again and _answers_are_gone(error)):
                raise
        else:
            break
    return code if isinstance(code, int) else 0


def _answers_are_gone(error: Exception) -> bool:
    """Say whether damaged answers ended a command that had written nothing: they are made anew."""
    rows = sys.modules.get("projections.read_model.rows")
    return rows is not None and isinstance(error, rows.AnswersDamagedError) and not has_written()


def _import_msgspec() -> None:
    """Import msgspec without the typing_extensions that it takes if it is there.

    Python's own typing has all of it; reading the other was a twelfth of a short read. Who needs it
    later imports it as ever.
    """
    name = "typing_extensions"
    if name in sys.modules:
        return
    sys.modules[name] = None  # type: ignore[assignment] # an import is refused
    try:
        import msgspec  # noqa: F401
    finally:
        del sys.modules[name]


def _refuse_passwords(given: Sequence[str]) -> None:
    """Exit 2 for an address with a password, before anything could repeat what it is."""
    for word in given:
        text = (word.partition("=")[2] if word.startswith("-") else word).strip().lstrip("'\"")
        scheme, colon, rest = text.partition(":")
        if colon and scheme.lower() in ("postgresql", "postgres"):
            from cli.ledger_location import refuse_password

            refuse_password(f"postgresql://{rest.lstrip('/')}")


def _failed(error: BaseException, given: list[str]) -> int:
    options = given[: given.index("--")] if "--" in given else given
    _write_out()
    known = _by_signal(message_of(error) or _fault(error))
    try:
        if not {"-v", "--verbose"}.isdisjoint(options):
            traceback.print_exception(error)
        as_json = _as_json(options)
        write_error(known.text(as_json=as_json), as_json=as_json)
    except OSError:
        _drop(sys.stderr)  # its reader is gone, or its disk full: the code says it alone
    return settled() or known.exit_code


def _as_json(options: Sequence[str]) -> bool:
    following = dict(pairwise(options))
    formats = {following.get("--format"), *(o[9:] for o in options if o.startswith("--format="))}
    return "--json" in options or not formats.isdisjoint({"json", "ndjson"})


def _fault(error: BaseException) -> CommandError:
    why = single_line(f"{type(error).__name__}: {error}" if str(error) else type(error).__name__)
    then = "run it again with -v, which shows where it happened"
    return CommandError(CANNOT, "an error in depositary itself", why, then)


def _need_streams(given: Sequence[str]) -> None:
    # A closed descriptor would be given to the next file that is opened: to the record.
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # an old locale, or a file's name that is no UTF-8
            stream.reconfigure(errors="backslashreplace")
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - for the process' life
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
        if _VERDICTS.isdisjoint(given):
            raise CommandError(
                CANNOT, "nothing can be written", "standard output is closed", "leave >&- away"
            )


def _write_out() -> None:
    """Write out what was said before the error, if that can be."""
    try:
        sys.stdout.flush()
    except OSError:
        _drop(sys.stdout)  # its reader went away, or its disk is full


def _drop(stream: TextIO) -> None:
    # Python would complain once more when it flushes the stream at its end.
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
