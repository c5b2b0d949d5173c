"""HL7 v2 messages as FHIR event Bundles: `parse`, `check`, `translate`. README.md tells what becomes what."""

from .er7 import Message, parse
from .errors import NotER7, Untranslatable
from .feed import Feed
from .segments.msh import Head, head
from .translation import check, lane_key, rejected, translate

__all__ = [
    "Feed",
    "Head",
    "Message",
    "NotER7",
    "Untranslatable",
    "check",
    "head",
    "lane_key",
    "parse",
    "rejected",
    "translate",
]
