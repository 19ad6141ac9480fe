"""A function that lives in a process of its own: whatever becomes of it costs one answer.

It may raise, hang, be killed or take its process with it; who asked is told which, and the next
question finds a new process. The process ends with whoever started it.
"""

import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection, Pipe
from threading import Timer
from typing import Any, Literal, NamedTuple

from tahdhib.errors import TahdhibError
from tahdhib.processes.ties import tie_to_parent

_OPENING_SECONDS = 600.0
_OPENINGS = 3
_MOST_RAISED = 3
"""After so many errors on end the process is left: what it holds, memory of a GPU say, may be
spoilt."""
_SERVE = """
import sys
sys.path[:] = {path!r}
from tahdhib.processes.apart import serve
serve({descriptor})
"""


@dataclass(frozen=True, slots=True)
class Fault:
    """Why no answer came: the process raised or died (`crashed`), or was silent for too long
    (`hung`). An answer that is no use is `rubbish`, one in words that cannot be read `unreadable`;
    that is for who asked to say."""

    kind: Literal["crashed", "hung", "rubbish", "unreadable"]
    detail: str


class Opened(NamedTuple):
    """What an opener returns: the function that answers, and what is to be known of it."""

    answer: Callable[[Any], Any]
    about: Any = None


class Apart:
    """Asks the function that `opener` opens, in a process of its own.

    `opener` and all questions and answers are pickled; the process is started with the first
    question, and again with the next one after it was lost.
    """

    def __init__(self, opener: Callable[[], Opened]) -> None:
        self._opener = opener
        self._process: subprocess.Popen[bytes] | None = None
        self._connection: Connection[Any, Any] | None = None
        self._about: Any = None
        self._raised = 0

    def about(self) -> Any:
        """What the opener says of the function.

        Raises:
            TahdhibError: what the opener raised, or that it did not come to an end.
        """
        self._start()
        return self._about

    def ask(self, question: object, seconds: float) -> Any | Fault:
        """The function's answer, or why there is none after `seconds`.

        Raises:
            TahdhibError: as `about`.
        """
        self._start()
        told = self._exchange(question, seconds)
        if isinstance(told, Fault):
            self.close()
            return told
        kind, content = told
        if kind == "answer":
            self._raised = 0
            return content
        self._raised += 1
        if self._raised == _MOST_RAISED:
            self.close()
        return Fault("crashed", str(content))

    def close(self) -> None:
        """End the process, if there is one."""
        if self._connection is not None:
            self._connection.close()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._process = self._connection = None

    def _start(self) -> None:
        if self._process is not None:
            return
        for _ in range(_OPENINGS):
            told = self._open()
            if not isinstance(told, Fault):
                break
            self.close()
        else:
            assert isinstance(told, Fault)
            raise TahdhibError(
                f"process: could not be made ready in {_OPENINGS} tries ({told.kind}: "
                f"{told.detail}). See what it printed above; where memory is short, set fewer "
                "processes."
            )
        kind, content = told
        if kind == "error":
            self.close()
            raise content
        self._about = content

    def _open(self) -> tuple[str, Any] | Fault:
        """Start the process and have it open the function."""
        ours, theirs = Pipe()
        command = _SERVE.format(path=sys.path, descriptor=theirs.fileno())
        self._process = subprocess.Popen(
            [sys.executable, "-c", command], pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL
        )
        theirs.close()
        self._connection = ours
        self._raised = 0
        return self._exchange(self._opener, _OPENING_SECONDS)

    def _exchange(self, question: object, seconds: float) -> tuple[str, Any] | Fault:
        """Send and receive; who is silent for too long is killed, which ends the waiting."""
        assert self._process is not None and self._connection is not None
        timer = _Deadline(seconds, self._process)
        try:
            self._connection.send(question)
            told: tuple[str, Any] = self._connection.recv()
        except (EOFError, OSError):
            if timer.has_struck:
                return Fault("hung", f"no answer after {seconds:.0f} s")
            return Fault("crashed", f"its process ended ({self._ending()})")
        finally:
            timer.cancel()
        return told

    def _ending(self) -> str:
        assert self._process is not None
        try:
            code = self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            return "it closed its end"
        return f"signal {-code}" if code < 0 else f"exit code {code}"


class _Deadline:
    """Kills a process that is not done in time."""

    def __init__(self, seconds: float, process: "subprocess.Popen[bytes]") -> None:
        self.has_struck = False
        self._process = process
        self._timer = Timer(seconds, self._strike)
        self._timer.daemon = True
        self._timer.start()

    def _strike(self) -> None:
        self.has_struck = True
        self._process.kill()

    def cancel(self) -> None:
        self._timer.cancel()


def serve(descriptor: int) -> None:
    """The process: opens what it is sent first, then answers until nobody asks any more."""
    tie_to_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent hears Ctrl-C and ends us
    connection: Connection[Any, Any] = Connection(descriptor)
    try:
        opened = _opened(connection)
        while opened is not None:
            question = connection.recv()
            connection.send(_told(opened.answer, question))
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return


def _opened(connection: "Connection[Any, Any]") -> Opened | None:
    try:
        opened: Opened = connection.recv()()
    except TahdhibError as error:
        connection.send(("error", error))
        return None
    connection.send(("opened", opened.about))
    return opened


def _told(answer: Callable[[Any], Any], question: object) -> tuple[str, Any]:
    try:
        return "answer", answer(question)
    except Exception as error:  # noqa: BLE001 - whatever it is, it costs this answer only
        return "fault", f"{type(error).__name__}: {error}"
