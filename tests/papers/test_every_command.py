"""Every command prints on the bundled story what it printed before, to the byte."""

from pathlib import Path

import pytest

from tests.papers import command_lines, every_command


@pytest.mark.parametrize("name", list(command_lines.CHAPTERS))
def test_a_command_prints_what_it_printed(name: str, tmp_path: Path) -> None:
    place = tmp_path / "place"
    place.mkdir()
    printed = list(every_command.chapter(name, place))
    found, kept = every_command.index_lines(name, printed), every_command.kept_index(name)
    text = every_command.text_of(printed)
    if found != kept:
        now = tmp_path / f"{name}.txt"
        now.write_text(every_command.text_of(printed, all_of_them=True), "utf-8")
        others = [
            line
            for line, before in zip(found, kept, strict=False)
            if line.split(" ")[:3] != before.split(" ")[:3]
        ]
        changed = [each.split(" ", 3)[3] for each in others]
        pytest.fail(
            f"{len(changed)} of {len(kept)} commands of the chapter {name} print otherwise "
            f"(there are {len(found)} now): "
            + "".join(f"\n  depositary {each}" for each in changed[:20])
            + f"\nall that they print now: {now}\nkept: {every_command.KEPT / name}.txt"
            + f"\none of them: python tests/papers/every_command.py {name} 'COMMAND'"
        )
    assert text == (every_command.KEPT / f"{name}.txt").read_text("utf-8")
