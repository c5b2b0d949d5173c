"""A resource's rows in the index, from its content alone, so that the rows of an old version can be made again.

Every row carries the resource's clinical date in milliseconds, as early as can be where it has none, 0 where its
type has none: rows of one key are in that order, and rows of two keys of one resource meet at one point.
"""

import hashlib
from functools import cache
from pathlib import Path

import gateway.search
import profiles
from gateway.search.date import EVER
from gateway.search.parameters import Catalogue, Parameter
from gateway.search.terms import Found, everything, key
from gateway.storage.rows import Rows
from profiles.json import Resource

INDEX_VERSION = 1
"""To be raised with every change of what the modules make of a resource: the index is then made again at start."""

_TABLES = (
    (profiles, ("r4/search-parameters.json", "r4/structures.json", "search-parameters/*.json", "ucum/*.xml")),
    (gateway.search, ("han/*.tsv", "han/*.csv")),
)
"""The files that the rows follow from, besides the programs."""


@cache
def fingerprint() -> str:
    """Another one means that the same resource may have other rows."""
    hasher = hashlib.blake2b(str(INDEX_VERSION).encode(), digest_size=16)
    for package, patterns in _TABLES:
        folder = Path(package.__path__[0])
        for path in sorted(path for pattern in patterns for path in folder.glob(pattern)):
            hasher.update(path.name.encode() + b"\0" + hashlib.blake2b(path.read_bytes()).digest())
    return hasher.hexdigest()


def rows(catalogue: Catalogue, resource: Resource) -> Rows:
    resource_type = resource["resourceType"]
    found = Found()
    found.idx.add(everything(resource_type))
    for parameter in catalogue.of(resource_type).values():
        if values := parameter.extract(resource):
            parameter.rows(parameter.name, values, found)
    clock = catalogue.clock(resource_type)
    sort = 0
    if clock is not None:
        own = key(clock.name)
        sort = min((low for dated, low, _ in found.span if dated == own), default=-EVER)
    return Rows(sort, found.idx, found.link, found.words, found.span, found.amount)


def rows_of(parameter: Parameter, resource: Resource, sort: int) -> Rows:
    """Those of one parameter, for a resource that has all others."""
    found = Found()
    parameter.rows(parameter.name, parameter.extract(resource), found)
    return Rows(sort, found.idx, found.link, found.words, found.span, found.amount)
