"""The worst incidents of a study, read a row group at a time: memory holds a batch and the worst.

Rows are chosen by a column, the greatest first; equal ones stand in the order of the table.
"""

from __future__ import annotations

import difflib
import heapq
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from experiments.incidents.errors import IncidentError
from experiments.results.schema import INCIDENTS

if TYPE_CHECKING:
    import pandas as pd

SORTS: Final[Mapping[str, str]] = {
    "downtime": "downtime_s",
    "split-brain": "split_brain_s",
    "writes-lost": "writes_lost",
    "duration": "duration_s",
    "start": "start_s",
}
"""The column by the word that people use. By ``start`` the earliest is first."""

COLUMNS: Final = tuple(column.name for column in INCIDENTS)

_NEAR: Final = 5


@dataclass(frozen=True)
class Filters:
    """Which incidents to look at; what is empty or None lets all pass.

    Attributes:
        designs, profiles, causes: names, one of which the row must have.
        replication: the number of the run.
        min_downtime_s: the least downtime.
    """

    designs: tuple[str, ...] = ()
    profiles: tuple[str, ...] = ()
    causes: tuple[str, ...] = ()
    replication: int | None = None
    min_downtime_s: float = 0.0

    @property
    def names(self) -> dict[str, tuple[str, ...]]:
        """The names asked for, by column."""
        return {"design": self.designs, "profile": self.profiles, "cause": self.causes}

    def mask(self, rows: Any) -> Any:
        """Which rows of an Arrow table pass."""
        import pyarrow as pa
        import pyarrow.compute as pc

        passed = pc.greater_equal(rows["downtime_s"], self.min_downtime_s)
        for column, names in self.names.items():
            if names:
                among = pc.is_in(rows[column], value_set=pa.array(names, rows[column].type))
                passed = pc.and_(passed, among)
        if self.replication is not None:
            passed = pc.and_(passed, pc.equal(rows["replication"], self.replication))
        return passed


def worst_incidents(
    directory: Path | str,
    by: str = "downtime_s",
    limit: int = 10,
    *,
    design: str | Sequence[str] = (),
    profile: str | Sequence[str] = (),
    cause: str | Sequence[str] = (),
    replication: int | None = None,
    min_downtime_s: float = 0.0,
) -> pd.DataFrame:
    """The ``limit`` incidents with the most of ``by``, all columns of the table ``incidents``.

    Args:
        directory: of a finished study.
        by: a key of `SORTS` or one of its columns.
        limit: how many at most.
        design, profile, cause: a name or several, one of which an incident must have.
        replication: the number of the run.
        min_downtime_s: the least downtime, s.

    Raises:
        IncidentError: if there is no finished study, or a name that nothing there has.
    """
    filters = Filters(_names(design), _names(profile), _names(cause), replication, min_downtime_s)
    column = sort_column(by)
    return _frame(_worst(Path(directory), column, limit, filters))


def sort_column(by: str) -> str:
    """The column that a word or a column's own name stands for; raises IncidentError."""
    if by in SORTS.values():
        return by
    if by not in SORTS:
        raise IncidentError(f"cannot sort by '{by[:60]}'{_hint(by, list(SORTS))}")
    return SORTS[by]


def find_incident(directory: Path | str, identity: str) -> dict[str, Any]:
    """The row of the incident whose id is ``identity``, or alone begins with it.

    Raises IncidentError if there is none, with what is near, or more than one.
    """
    begins: list[str] = []
    near: list[tuple[float, str]] = []
    for batch in _batches(Path(directory), COLUMNS):
        ids = batch["id"].to_pylist()
        if identity in ids:
            return _row(batch, ids.index(identity))
        begins += [one for one in ids if identity and one.startswith(identity)]
        # The nearest of a batch are kept by the words themselves, not all of a million ids.
        alike = difflib.get_close_matches(identity[:200], ids, n=_NEAR, cutoff=0.8)
        near += [(difflib.SequenceMatcher(None, identity, one).ratio(), one) for one in alike]
    if len(begins) == 1:
        return find_incident(directory, begins[0])
    if begins:
        some = ", ".join(begins[:_NEAR])
        more = f" and {len(begins) - _NEAR} more" if len(begins) > _NEAR else ""
        raise IncidentError(f"{directory}: '{identity[:200]}' begins several ids: {some}{more}")
    nearest = [one for _, one in sorted(near, key=lambda pair: -pair[0])[:3]]
    hint = f"; did you mean {' or '.join(nearest)}?" if nearest else "; see `sengu incidents`"
    raise IncidentError(f"{directory}: no incident '{identity[:200]}'{hint}")


def _names(given: str | Sequence[str]) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)


def _worst(directory: Path, column: str, limit: int, filters: Filters) -> list[dict[str, Any]]:
    import pyarrow.compute as pc

    sign = 1.0 if column == "start_s" else -1.0
    kept: list[tuple[float, int, dict[str, Any]]] = []
    seen: dict[str, set[str]] = {name: set() for name in filters.names}
    first = 0
    for batch in _batches(directory, COLUMNS):
        for name, found in seen.items():
            found.update(pc.unique(batch[name]).to_pylist())
        passed = batch.filter(filters.mask(batch))
        places = pc.indices_nonzero(filters.mask(batch)).to_pylist()
        values = passed[column].to_pylist()
        order = heapq.nsmallest(limit, range(len(values)), key=lambda n: (sign * values[n], n))
        kept += [(sign * values[n], first + places[n], _row(passed, n)) for n in order]
        kept = heapq.nsmallest(limit, kept, key=lambda one: one[:2])
        first += batch.num_rows
    for name, wanted in filters.names.items():
        _require_known(directory, name, wanted, sorted(seen[name]))
    return [row for _, _, row in kept]


def _require_known(
    directory: Path, column: str, wanted: Sequence[str], known: Sequence[str]
) -> None:
    for name in wanted:
        if name not in known:
            hint = _hint(name, known) if known else ": there was no incident"
            raise IncidentError(f"{directory}: no incident of {column} '{name[:60]}'{hint}")


def _hint(word: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(word[:60], known, n=1)
    return f"; did you mean {near[0]}?" if near else f"; there are {', '.join(known)}"


def _batches(directory: Path, columns: Sequence[str]) -> Iterator[Any]:
    from experiments.results.errors import ResultsError
    from experiments.results.parquet import batches

    if not (directory / "incidents.parquet").is_file():
        unfinished = (directory / "spec.json").is_file()
        why = "its study is not finished" if unfinished else "it holds no study"
        raise IncidentError(f"{directory}: no incidents.parquet: {why}")
    try:
        yield from batches(directory, "incidents", columns)
    except ResultsError as error:
        raise IncidentError(str(error)) from None


def _row(batch: Any, place: int) -> dict[str, Any]:
    (row,) = batch.slice(place, 1).to_pylist()
    return dict(row)


def _frame(rows: list[dict[str, Any]]) -> pd.DataFrame:
    from experiments.results.tables import table_from_rows

    return table_from_rows("incidents", rows)
