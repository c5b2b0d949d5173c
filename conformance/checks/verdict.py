"""What can come of a check, and how the body of a check says so. https://hl7.org/fhir/R4/testreport.html"""

from collections.abc import Iterable
from enum import StrEnum


class Verdict(StrEnum):
    PASS = "pass"  # noqa: S105 - not a password
    FAIL = "fail"
    WARNING = "warning"
    """Something that the standard only recommends is missing."""
    SKIP = "skip"
    """It does not apply to this target, and why is told."""
    NOT_RUN = "not-run"
    """A check that it stands on failed, or the run was cut short."""
    ERROR = "error"
    """The check could not do its work: nothing is proved, either way."""

    @property
    def ran(self) -> bool:
        return self not in {Verdict.SKIP, Verdict.NOT_RUN}


_WORST = (Verdict.FAIL, Verdict.ERROR, Verdict.NOT_RUN, Verdict.WARNING, Verdict.PASS, Verdict.SKIP)


def of_all(verdicts: Iterable[Verdict]) -> Verdict:
    """The verdict on a requirement that several checks prove: the worst; a skip only where all were skipped."""
    return min(verdicts, key=_WORST.index, default=Verdict.NOT_RUN)


class _Said(Exception):
    """Words for the tester in both languages, never with a value of a person."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh = zh
        self.en = en


class Missed(_Said):
    """What the requirement asks for is not there."""


class Skipped(_Said):
    """The check does not apply to this target."""


class Unable(_Said):
    """The check could not be prepared; nothing is known of its requirement."""
