"""Terminology offline: what the codes in this package and in a caller's own resources mean and hold.

https://hl7.org/fhir/R4/terminology-service.html
"""

from profiles.terminology.engine import Found, Terminology, shipped
from profiles.terminology.expansion import Wish
from profiles.terminology.faults import Fault, Invalid, NotKnown, NotListed
from profiles.terminology.library import Name
from profiles.terminology.translation import Match, Question, is_translated
from profiles.terminology.validation import Claim, Verdict

__all__ = [
    "Claim",
    "Fault",
    "Found",
    "Invalid",
    "Match",
    "Name",
    "NotKnown",
    "NotListed",
    "Question",
    "Terminology",
    "Verdict",
    "Wish",
    "is_translated",
    "shipped",
]
