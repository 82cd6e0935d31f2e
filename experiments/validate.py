"""``make validate``: every validation of the models, with its report.

Exit code 1 if a simulated milestone is off by more than the measurements' own sampling error.
"""

from __future__ import annotations

import os
import sys

from rich.console import Console

from experiments.validation.measurements import MeasurementsMissing
from experiments.validation.registry import VALIDATIONS
from experiments.validation.report import WIDTH, print_reports


def main() -> int:
    """Run all validations; returns the exit code."""
    console = Console()
    if not console.is_terminal:
        console = Console(width=WIDTH)
    missed = False
    for name, validation in VALIDATIONS.items():
        console.rule(f"{name}: {validation.title}")
        try:
            reports = validation.run(os.cpu_count() or 1)
        except MeasurementsMissing as error:
            print(f"sengu: {error}", file=sys.stderr)
            return 2
        print_reports(reports, console)
        missed = missed or any(report.missed for report in reports)
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
