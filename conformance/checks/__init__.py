"""What the checks of a conformance suite are written with: how one is declared, what it receives, how it asserts."""

from conformance.checks.answer import Answer
from conformance.checks.check import Check, Requirement, Strength, Suite, check, may, shall, should
from conformance.checks.session import Session
from conformance.checks.verdict import Missed, Skipped, Unable, Verdict

__all__ = [
    "Answer",
    "Check",
    "Missed",
    "Requirement",
    "Session",
    "Skipped",
    "Strength",
    "Suite",
    "Unable",
    "Verdict",
    "check",
    "may",
    "shall",
    "should",
]
