"""A terminal of our own, on which a command is asked questions."""

import os
import pty
import select
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

CODE = "import sys; from cli.main import run; sys.exit(run())"
PATIENCE_S = 30


class Terminal:
    """A command in a pseudo-terminal: what it shows is read, and answers are typed."""

    def __init__(self, arguments: Sequence[str], cwd: Path, env: Mapping[str, str]) -> None:
        pid, ours = pty.fork()
        if pid == 0:  # the command itself, whose terminal this is
            os.chdir(cwd)
            signal.signal(signal.SIGINT, signal.SIG_DFL)  # who runs in the background ignores it
            os.execve(sys.executable, (sys.executable, "-c", CODE, *arguments), dict(env))  # noqa: S606
        self._pid, self._ours, self.shown = pid, ours, ""
        self._read_from = 0

    def expect(self, text: str) -> None:
        """Read until a text is shown."""
        end = time.monotonic() + PATIENCE_S
        before = len(self.shown)
        while text not in self.shown[self._read_from :]:
            assert time.monotonic() < end, f"{text!r} did not come: {self.shown[before:]}"
            assert self._read(), f"{text!r} did not come: {self.shown}"
        self._read_from = self.shown.index(text, self._read_from) + len(text)

    def _read(self) -> bool:
        """Read what is shown next; say whether more may come."""
        ready, _, _ = select.select([self._ours], [], [], PATIENCE_S)
        assert ready, f"nothing more is shown: {self.shown}"
        try:
            data = os.read(self._ours, 65536)
        except OSError:  # Linux says so when the other side is closed
            return False
        self.shown += data.decode().replace("\r\n", "\n")
        return bool(data)

    def type(self, text: str) -> None:
        """Type a text and Enter."""
        os.write(self._ours, f"{text}\n".encode())

    def press(self, key: bytes) -> None:
        """Press a key: Ctrl-C is b"\\x03", Ctrl-D b"\\x04", Tab b"\\t"."""
        os.write(self._ours, key)

    def press_after_reading(self, key: bytes) -> None:
        """Press a key a moment after a question, as a person does: readline waits for it then."""
        time.sleep(0.3)
        self.press(key)

    def answer(self, *dialogue: tuple[str, str]) -> None:
        """Wait for each question, and type its answer."""
        for question, text in dialogue:
            self.expect(question)
            self.type(text)

    def end(self) -> int:
        """Read to the end, and return the exit code."""
        while self._read():
            pass
        os.close(self._ours)
        _, status = os.waitpid(self._pid, 0)
        return os.waitstatus_to_exitcode(status)
