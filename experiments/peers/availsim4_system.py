"""AvailSim4: the system and the simulation as its two spreadsheets, its results from a third."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from experiments.peers.question import MTBF_H, MTTR_H, NEEDED, NODES, YEAR_H, Found

_ARCHITECTURE: Final = (
    *("COMPONENT_NAME", "COMPONENT_TYPE", "COMPONENT_NUMBER", "CHILDREN_NAME", "CHILDREN_LOGIC"),
    *("IN_MRU", "TRIGGER_MRU"),
)
_MODES: Final = (
    *("FAILURE_MODE_NAME", "FAILURE_LAW", "FAILURE_PARAMETERS", "REPAIR_LAW", "REPAIR_PARAMETERS"),
    *("TYPE_OF_FAILURE", "HELD_BEFORE_REPAIR", "INSPECTION_NAME", "PHASE_NAME"),
    *("NEXT_PHASE_IF_FAILURE", "PHASE_CHANGE_TRIGGER", "HELD_AFTER_REPAIR"),
)
_EMPTY: Final = {
    "PHASES": ("PHASE_NAME", "PHASE_LAW", "PHASE_PARAMETERS", "NEXT_DEFAULT_PHASE", "FIRST_PHASE",
               "NEXT_DEFAULT_PHASE_IF_FAILURE"),
    "MRU": ("MRU_NAME", "MRU_LAW", "MRU_PARAMETERS", "MRU_SCHEDULE",
            "LOWEST_COMMON_ANCESTOR_SCOPE", "TRIGGERING_STATUS"),
    "INSPECTIONS": ("INSPECTION_NAME", "INSPECTION_PERIOD", "INSPECTION_DURATION"),
    "ROOT_CAUSE_ANALYSIS": ("TRIGGERING_COMPONENT_NAME", "TRIGGERED_BY_COMPONENT_STATUS",
                            "TRIGGERED_IN_PHASE"),
    "PHASE_JUMP": ("TRIGGERING_COMPONENT_NAME", "TRIGGERED_BY_COMPONENT_STATUS", "FROM_PHASE",
                   "TO_PHASE"),
}  # fmt: skip


def ask(replications: int, seed: int) -> Found:
    """Simulate so many years; AvailSim4 gives no error (NaN)."""
    from availsim4core.main import start

    with TemporaryDirectory(prefix="availsim4-") as place:
        folder = Path(place)
        _write(folder / "system.xlsx", _system())
        _write(folder / "simulation.xlsx", _simulation(replications, seed))
        with contextlib.redirect_stdout(io.StringIO()):
            start(str(folder / "simulation.xlsx"), str(folder / "system.xlsx"), str(folder))
        return _read(folder)


def _system() -> dict[str, list[Sequence[object]]]:
    nodes = [f"N{number}" for number in range(NODES)]
    logic = f"{NEEDED}OO{NODES}"
    tree: list[Sequence[object]] = [_ARCHITECTURE]
    tree.append(("ROOT", "compound", 1, ",".join(nodes), logic, "none", "none"))
    tree += [(node, "basic", 1, "none", "none", "none", "none") for node in nodes]
    laws: tuple[object, ...] = ("wear", "exp", MTBF_H, "exp", MTTR_H, "detectable", "NEVER_HELD")
    mode = (*laws, "none", "none", "none", "after_repair", "never_held")
    return {
        "ARCHITECTURE": tree,
        "FAILURE_MODE_ASSIGNMENTS": [
            ("COMPONENT_NAME", "FAILURE_MODE_NAME"),
            *((node, "wear") for node in nodes),
        ],
        "FAILURE_MODES": [_MODES, mode],
        **{name: [heads] for name, heads in _EMPTY.items()},
    }


def _simulation(replications: int, seed: int) -> dict[str, list[Sequence[object]]]:
    heads = (
        *("SIMULATION_TYPE", "MIN_NUMBER_OF_SIMULATION", "MAX_NUMBER_OF_SIMULATION"),
        *("CONVERGENCE_MARGIN", "MAX_EXECUTION_TIME", "SEED", "DIAGNOSTICS"),
        "SIMULATION_DURATION",
    )
    values = ("MONTE_CARLO", replications, replications, 0, 100_000, seed, '["SUMMARY"]', YEAR_H)
    return {"SIMULATION": [heads, values]}


def _write(path: Path, sheets: dict[str, list[Sequence[object]]]) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    book.save(path)


def _read(folder: Path) -> Found:
    import pandas as pd

    (file,) = (one for one in folder.glob("*.xlsx") if one.stem not in ("system", "simulation"))
    summary = pd.read_excel(file, sheet_name="RESULTS_ROOT_SUMMARY").iloc[0]
    return Found(1 - float(summary["availability"]), float("nan"))
