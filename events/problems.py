"""List all that is wrong with a fact that was refused, in sentences.

A fact is accepted or refused by `events.validation`, at the first thing that is wrong with it.
Here each field of a refused one is looked at, by the same types and the same rules.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from difflib import get_close_matches
from types import UnionType
from typing import Annotated, Any, Literal, NamedTuple, NoReturn, Union, get_args, get_origin

from events.envelope import NotCanonicalError, canonical
from events.fields import Marker
from events.value import Value, fields, hints, is_value


class Problem(NamedTuple):
    """One thing wrong with one field; `sentence` reads on after the field's name."""

    field: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.field}: {self.sentence}" if self.field else self.sentence


class BodyError(ValueError):
    """A fact has exactly its type's fields, each with a value of its kind."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(map(str, self.problems)))


class _WrongError(ValueError):
    """What was looked at is wrong, and has been listed."""


_KINDS = {str: "a valid string", int: "a valid integer"}


def problems(cls: type[Value], data: Any) -> list[Problem]:
    """Return what is wrong with JSON data that is to be a body of a class; all of it at once."""
    if found := list(_not_canonical(data)):
        return found
    look = _Look(cls)
    with suppress(_WrongError):
        look.at(cls, data, "")
    return look.found


def _not_canonical(data: Any) -> Iterator[Problem]:
    for name, value in data.items() if isinstance(data, dict) else ():
        try:
            canonical({name: value})
        except NotCanonicalError as error:
            yield Problem(name, str(error))


class _Look:
    """A look at all fields of a fact; what is wrong is in `found`."""

    def __init__(self, cls: type[Value]) -> None:
        self.found: list[Problem] = []
        self._names = [field.encode_name for field in fields(cls)]

    def at(self, hint: Any, given: Any, field: str) -> Any:
        """Return what a field becomes; raise where it is wrong, once that is listed."""
        origin, parts = get_origin(hint), get_args(hint)
        if origin is Annotated:
            return self._marked(hint, given, field)
        if origin in (Union, UnionType):
            (inner,) = (part for part in parts if part is not type(None))
            return None if given is None else self.at(inner, given, field)
        if origin is Literal:
            return self._one_of(parts, given, field)
        if origin is tuple:
            return self._each(parts[0], given, field)
        if origin is dict or is_value(hint):
            if type(given) is not dict:
                self._wrong(field, _unlike("an object", given))
            return self._part(hint, given, field) if is_value(hint) else given
        if type(given) is not hint:
            self._wrong(field, _unlike(_KINDS[hint], given))
        return given

    def _marked(self, hint: Any, given: Any, field: str) -> Any:
        inner, *markers = get_args(hint)
        value = self.at(inner, given, field)
        for marker in markers:
            if isinstance(marker, Marker):
                try:
                    marker.check(value)
                except ValueError as error:
                    self._wrong(field, str(error))
        return value

    def _one_of(self, allowed: tuple[Any, ...], given: Any, field: str) -> Any:
        if allowed == (True,):
            if type(given) is not bool:
                self._wrong(field, _unlike("a valid boolean", given))
        elif type(given) is not str or given not in allowed:
            *others, last = map(repr, allowed)
            said = str(given)[:80]
            words = f"not one of {', '.join(others)} or {last}" if others else f"not {last}"
            near = choice_meant(said, allowed)
            guess = f": did you mean {near}? It is" if near else " is"
            self._wrong(field, f"'{said}'{guess} {words}")
        return given

    def _each(self, hint: Any, given: Any, field: str) -> tuple[Any, ...]:
        if type(given) not in (list, tuple):
            self._wrong(field, _unlike("a valid array", given))
        wrong = len(self.found)
        made = []
        for n, one in enumerate(given):
            with suppress(_WrongError):
                made.append(self.at(hint, one, f"{field}.{n}"))
        if len(self.found) > wrong:
            raise _WrongError
        return tuple(made)

    def _part(self, cls: Any, given: dict[str, Any], field: str) -> Any:
        known = {one.encode_name: one for one in fields(cls)}
        before = f"{field}." if field else ""
        wrong = len(self.found)
        made = {}
        for name, one in known.items():
            if name in given:
                with suppress(_WrongError):
                    made[one.name] = self.at(hints(cls)[one.name], given[name], before + name)
            elif one.required:
                self.found.append(Problem(before + name, "is missing"))
        for name in given:
            if name not in known:
                near = get_close_matches(before + name, self._names, 1)
                sentence = f"is not a field of this type{_did_you_mean(near)}"
                self.found.append(Problem(before + name, sentence))
        if len(self.found) > wrong:
            raise _WrongError
        try:
            return cls(**made)
        except ValueError as error:
            self._wrong(field, str(error))

    def _wrong(self, field: str, sentence: str) -> NoReturn:
        self.found.append(Problem(field, sentence))
        raise _WrongError


def choice_meant(text: str, choices: Sequence[str]) -> str | None:
    """Return the one of several values that a word comes near to, or abbreviates; else None."""
    plain = "-".join(text.lower().replace("_", " ").split())
    short = _ABBREVIATED.get(plain.replace(".", ""))
    if short in choices or plain in choices:
        return short if short in choices else plain
    begun = [one for one in choices if f"{plain}-".startswith(f"{one}-") or one.startswith(plain)]
    near = begun or get_close_matches(plain, choices, 1)
    return near[0] if near and plain else None


_ABBREVIATED = {"mou": "memorandum", "moa": "memorandum", "loi": "letter-of-intent"}


def _unlike(wanted: str, given: Any) -> str:
    return f"input should be {wanted}, not {str(given)[:80]!r}"


def _did_you_mean(near: list[str]) -> str:
    return f": did you mean {near[0]}?" if near else ""
