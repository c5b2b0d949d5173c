"""What a command says on stderr while it works: its results alone go to stdout."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from shutil import get_terminal_size

from conformance.report.words import printable, verdict
from conformance.runner import Result, Selection, Told

_WATCHED = "\r\033[K"
"""Back to the start of the line, and the line emptied. https://ecma-international.org/publications-and-standards/standards/ecma-48/"""


def say(words: str) -> None:
    print(f"· {words}", file=sys.stderr, flush=True)  # noqa: T201 - stdout is for the report


@contextmanager
def watched(selection: Selection) -> Iterator[Told]:
    """One line that moves with the checks, where somebody watches; what fails keeps a line of its own."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    try:
        yield _teller(sum(len(checks) for _, checks in selection))
    finally:
        _show(_WATCHED)


def _teller(total: int) -> Callable[[Result], None]:
    begun = 0

    def told(result: Result) -> None:
        nonlocal begun
        begun += 1
        line = f"{begun}/{total} {verdict(result.verdict)} {result.suite.id} {result.check.id}"
        # A Chinese character takes two places, and a line that wraps cannot be emptied.
        _show(f"{_WATCHED}{printable(line)[: get_terminal_size().columns - 12]}")
        if result.verdict in {"fail", "error"}:
            _show("\n")

    return told


def _show(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()
