"""How strict is the door with a body?

Nothing is guessed ("5" is no 5), nothing unknown passes, and a field that Python forbids as a
name carries an underscore that JSON and TOML do not: `for_` is written `for`.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydantic import ConfigDict


def json_name(field: str) -> str:
    """Return a field's name in JSON and TOML: `for` of `for_`."""
    return field.rstrip("_")


STRICT: "ConfigDict" = {"strict": True, "extra": "forbid", "alias_generator": json_name}
