"""Read the texts of `depositary help` that are kept in cli/topics."""

from importlib.resources import files


def text_of(topic: str) -> str:
    """Return the text of a topic, or of the `overview` of all commands, as it is kept."""
    return (files("cli") / "topics" / f"{topic}.txt").read_text("utf-8").removesuffix("\n")
