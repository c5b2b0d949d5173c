"""`./run bench [NAME …]`: every benchmark, each as a ratio to a floor that was measured in the same run."""

import importlib
import os
import platform
import sys

from rich.console import Console
from rich.table import Table

BENCHMARKS = ("er7", "mllp", "fhir", "admission")


def main() -> None:
    console = Console()
    console.print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    for name in sys.argv[1:] or BENCHMARKS:
        table = Table("what", "measured", "unit", "floor", "ratio", title=name)
        for row in importlib.import_module(f"tests.benchmarks.{name}").measure():
            table.add_row(row["name"], f"{row['value']:,}", row["unit"], f"{row['floor']:,}", f"{row['ratio']:.2f}")
        console.print(table)


if __name__ == "__main__":
    main()
