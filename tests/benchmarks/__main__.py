"""`./run bench [NAME …]`: every benchmark, each as a ratio to a floor that was measured in the same run.

`./run bench region 1000 16000 64000`: the regions of so many patients.
"""

import importlib
import os
import platform
import sys
from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.table import Table

BENCHMARKS = ("er7", "mllp", "validation", "fhir", "admission", "region")


def main() -> None:
    console = Console()
    console.print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    sizes = [int(argument) for argument in sys.argv[1:] if argument.isdecimal()]
    for name in [argument for argument in sys.argv[1:] if not argument.isdecimal()] or BENCHMARKS:
        for table in _tables(name, sizes):
            console.print(table)


def _tables(name: str, sizes: Sequence[int]) -> Iterator[Table]:
    benchmark = importlib.import_module(f"tests.benchmarks.{name}")
    if name == "region":
        yield from benchmark.tables(sizes)
        return
    table = Table("what", "measured", "unit", "floor", "ratio", title=name)
    for row in benchmark.measure():
        table.add_row(row["name"], f"{row['value']:,}", row["unit"], f"{row['floor']:,}", f"{row['ratio']:.2f}")
    yield table


if __name__ == "__main__":
    main()
