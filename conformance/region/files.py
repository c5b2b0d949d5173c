"""A region as files: one resource or transaction a line, or in a folder as bulk data. http://ndjson.org"""

from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO

from conformance.region.population import Batch, bundle
from profiles import json
from profiles.json import Resource


class Told:
    """How much has gone out."""

    def __init__(self) -> None:
        self.patients = 0
        self.resources = 0
        self.batches = 0

    def add(self, resources: Iterable[Resource]) -> None:
        for one in resources:
            self.resources += 1
            self.patients += one["resourceType"] == "Patient"
        self.batches += 1


def resources_to(stream: BinaryIO, batches: Iterable[Batch], told: Told) -> None:
    """One resource a line."""
    for batch in batches:
        stream.write(b"".join(json.dumps(one) + b"\n" for one in batch.resources))
        told.add(batch.resources)


def bundles_to(stream: BinaryIO, batches: Iterable[Batch], told: Told) -> None:
    """One transaction a line."""
    for batch in batches:
        stream.write(json.dumps(bundle(batch)) + b"\n")
        told.add(batch.resources)


def resources_into(folder: Path, batches: Iterable[Batch], told: Told) -> None:
    """`TYPE.ndjson` for every type of resource."""
    with ExitStack() as opened:
        files: dict[str, BinaryIO] = {}
        for batch in batches:
            for one in batch.resources:
                kind = one["resourceType"]
                if kind not in files:
                    files[kind] = opened.enter_context((folder / f"{kind}.ndjson").open("wb"))
                files[kind].write(json.dumps(one) + b"\n")
            told.add(batch.resources)


def bundles_into(folder: Path, batches: Iterable[Batch], told: Told) -> None:
    """`bundle-00001.json`…, to be sent in this order."""
    for batch in batches:
        told.add(batch.resources)
        (folder / f"bundle-{told.batches:06}.json").write_bytes(json.dumps(bundle(batch)))
