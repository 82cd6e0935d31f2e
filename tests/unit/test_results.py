"""The tables of a study and the headline numbers made from them."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pyarrow import compute as pc
from rich.console import Console

from experiments.results import (
    TABLES,
    ResultsError,
    Tables,
    concatenate,
    incident_id,
    read_tables,
    render_summary,
    summarise,
    table_from_rows,
    to_json,
    write_tables,
)
from experiments.results.outages import Outages
from experiments.results.parquet import to_arrow
from experiments.results.sample import Sample, read_sample
from experiments.results.summary import summarise_sample

YEAR_S = 365.25 * 86_400


def run_row(
    design: str, replication: int, down_s: float = 0.0, **more: object
) -> dict[str, object]:
    """A finished run of a year with the given downtime."""
    row: dict[str, object] = {c.name: 0 for c in TABLES["runs"] if c.kind != "text"}
    row |= {"design": design, "profile": "cloud", "replication": replication, "status": "ok"}
    row |= {"horizon_s": YEAR_S, "availability": 1 - down_s / YEAR_S, "downtime_s": down_s}
    row |= {"good_s": YEAR_S - down_s, "writes_acked": 1e6}
    return row | more


def incident_row(design: str, replication: int, down_s: float) -> dict[str, object]:
    """An incident with the given downtime."""
    row: dict[str, object] = {c.name: 0 for c in TABLES["incidents"]}
    row |= {"design": design, "profile": "cloud", "replication": replication}
    row |= {"id": incident_id(design, "cloud", replication, 0), "downtime_s": down_s}
    return row | {"cause": "crash", "target": "a01"}


def cause_row(design: str, replication: int, cause: str, down_s: float) -> dict[str, object]:
    """Downtime charged to a cause."""
    place = {"design": design, "profile": "cloud", "replication": replication, "cause": cause}
    return place | {"downtime_s": down_s, "split_brain_s": 0.0, "incidents": 1}


def study() -> Tables:
    """Design `calm` never fails in 40 years; `weak` is down every year, worst by `power`."""
    runs, incidents, causes = [], [], []
    for replication in range(40):
        down_s = 60.0 * (1 + replication)
        runs += [run_row("weak", replication, down_s, failovers_true=2, split_brains=0)]
        runs += [run_row("calm", replication)]
        incidents += [incident_row("weak", replication, down_s)]
        causes += [cause_row("weak", replication, "crash", 60.0)]
        if replication:
            causes += [cause_row("weak", replication, "power", down_s - 60.0)]
    return Tables(
        table_from_rows("runs", runs),
        table_from_rows("incidents", incidents),
        table_from_rows("causes", causes),
        table_from_rows("loads", []),
        table_from_rows("stages", []),
        table_from_rows("controls", []),
    )


def printed(width: int, *designs: str) -> str:
    """The headline table as a terminal of that width shows it."""
    tables = study()
    if designs:
        weak = tables.runs[tables.runs["design"] == "weak"]
        tables = tables._replace(runs=pd.concat([weak.assign(design=d) for d in designs]))
    out = io.StringIO()
    Console(file=out, width=width).print(render_summary(summarise(tables)))
    return out.getvalue()


def test_every_column_is_described() -> None:
    """The documentation of the tables would have holes."""
    for columns in TABLES.values():
        assert len({column.name for column in columns}) == len(columns)
        for column in columns:
            assert column.description
            assert column.unit or column.kind == "text" or column.name == "replication"
            assert not column.name.endswith("_s") or column.unit == "s"


def test_tables_come_back_as_they_were_written(tmp_path: Path) -> None:
    """Analysis of a stored study would differ from that of the study itself."""
    written = study()
    write_tables(tmp_path / "new", written)
    for before, after in zip(written, read_tables(tmp_path / "new"), strict=True):
        pd.testing.assert_frame_equal(before, after)
    names = sorted(path.name for path in (tmp_path / "new").iterdir())
    assert names == sorted(f"{name}.parquet" for name in TABLES)


def test_nanoseconds_are_stored_to_the_last_one(tmp_path: Path) -> None:
    """Stages of a long outage would no longer add up to its time down."""
    ns = 2**54 + 1
    place = {"design": "weak", "profile": "cloud", "replication": 0, "incident": 0}
    rows = [{**place, "stage": "repair", "downtime_ns": ns, "downtime_s": ns / 1e9}]
    tables = study()._replace(stages=table_from_rows("stages", rows))
    write_tables(tmp_path, tables)
    assert list(read_tables(tmp_path).stages["downtime_ns"]) == [ns]


def test_a_study_without_incidents_can_be_written(tmp_path: Path) -> None:
    """A design that never failed would crash the study that shows it."""
    runs = table_from_rows("runs", [run_row("calm", 0)])
    nothing = (concatenate(name, []) for name in list(TABLES)[1:])
    write_tables(tmp_path, Tables(runs, *nothing))
    assert len(read_tables(tmp_path).incidents) == 0


def test_a_failed_run_is_a_row_without_measurements(tmp_path: Path) -> None:
    """One crash would lose the study, or enter it as a NaN or a zero."""
    failed = {"design": "weak", "profile": "cloud", "replication": 40, "status": "failed"}
    failed |= {"error": "run: ZeroDivisionError"}
    tables = study()
    runs = concatenate("runs", [tables.runs, table_from_rows("runs", [failed])])
    write_tables(tmp_path, tables._replace(runs=runs))
    back = read_tables(tmp_path).runs
    assert back["downtime_s"].iloc[-1] is pd.NA
    assert back["error"].iloc[-1] == "run: ZeroDivisionError"
    summary = summarise(read_tables(tmp_path))[0]
    assert (summary.runs, summary.failed) == (40, 1)
    lost = summarise(tables._replace(runs=back[back["status"] == "failed"]))[0]
    assert (lost.runs, lost.failed, lost.numbers) == (0, 1, {})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"good_s": 5.0}, "weak/cloud/0 add up to"),
        ({"downtime_s": None}, "downtime_s is missing in weak/cloud/0"),
        ({"status": "maybe"}, "status must be ok or failed"),
        ({"pages": "many"}, "pages is not integer"),
        ({"pages": 1.5}, "pages is not integer"),
        ({"nonsense": 1}, "unknown columns nonsense"),
    ],
)
def test_a_run_that_cannot_be_is_refused(change: dict[str, object], message: str) -> None:
    """A defect of the metering would reach the report as a number."""
    with pytest.raises(ResultsError, match=message):
        table_from_rows("runs", [run_row("weak", 0) | change])


def test_a_directory_without_a_study_is_named(tmp_path: Path) -> None:
    """A mistyped path would end in a traceback of the Parquet library."""
    with pytest.raises(ResultsError, match=r"no runs\.parquet, .*directory of a study"):
        read_tables(tmp_path)


def test_the_headline_numbers_are_those_of_the_tables() -> None:
    """The report would not say what was simulated."""
    weak, calm = summarise(study())
    assert (weak.design, weak.runs, weak.outages, weak.period) == ("weak", 40, 40, "year")
    down = weak.numbers["downtime_minutes_per_year"]
    assert down.estimate == pytest.approx(20.5)
    assert down.low is not None and down.low < 20.5 < (down.high or 0)
    assert not down.thin
    assert weak.numbers["availability"].estimate == pytest.approx(1 - 20.5 / 525_960)
    assert weak.numbers["nines"].estimate == pytest.approx(4.409, abs=1e-3)
    assert weak.numbers["failovers_true_per_year"].estimate == pytest.approx(2.0)
    assert weak.numbers["downtime_minutes_p50"].estimate == pytest.approx(20.0)
    by_cause = {cause: i.estimate for cause, i in weak.downtime_minutes_by_cause.items()}
    assert list(by_cause) == ["power", "crash"]
    assert by_cause["power"] + by_cause["crash"] == pytest.approx(20.5)
    assert sum(i.estimate for i in weak.seconds_by_class.values()) == pytest.approx(YEAR_S)
    assert list(weak.seconds_by_class)[-1] == "split-brain"
    assert calm.design == "calm"


def test_half_a_year_is_scaled_and_called_a_run() -> None:
    """Runs of another length would be reported as if they were years."""
    half = {"horizon_s": YEAR_S / 2, "good_s": YEAR_S / 2 - 60.0}
    rows = [run_row("weak", k, 60.0, pages=k % 2) | half for k in range(10)]
    nothing = (table_from_rows(name, []) for name in list(TABLES)[1:])
    summary = summarise(Tables(table_from_rows("runs", rows), *nothing))[0]
    assert summary.period == "run"
    assert summary.numbers["downtime_minutes_per_year"].estimate == pytest.approx(2.0)
    assert summary.numbers["pages_per_year"].estimate == pytest.approx(1.0)


def test_a_design_that_never_failed_has_bounds_and_not_certainty() -> None:
    """Forty calm years would be sold as an availability of 1.0 to 1.0."""
    calm = summarise(study())[1]
    assert calm.numbers["availability"].estimate == 1.0
    assert calm.numbers["availability"].low == pytest.approx(0.05 ** (1 / 40))
    assert "seen in none of 40 years" in str(calm.numbers["downtime_minutes_per_year"])
    assert 0 < (calm.numbers["p_split_brain"].high or 0) < 0.1
    assert 0 < (calm.numbers["failovers_false_per_year"].high or 0) < 0.1


def test_the_page_on_reading_results_quotes_what_is_printed() -> None:
    """A newcomer would look up what the table says, and not find it."""
    page = (Path(__file__).parents[2] / "docs" / "reading-results.md").read_text()
    quoted = {_without_numbers(words) for words in re.findall(r"`([^`]+)`", page)}
    printed = [
        cell for column in render_summary(summarise(study())).columns for cell in column.cells
    ]
    forms = {_without_numbers(str(cell)) for cell in printed if "seen" in str(cell)}
    assert len(forms) >= 2 and forms <= quoted


def _without_numbers(cell: str) -> str:
    return re.sub(r"[0-9][0-9.,]*", "N", cell.replace("\\[", "["))


def few_outages(spare_s: float) -> Tables:
    """Fifty years: three outages in two of them; in all, `spare_s` without a stand-by."""
    runs = []
    for replication in range(50):
        down_s = {3: 90.0, 7: 30.0}.get(replication, 0.0)
        good_s = YEAR_S - down_s - spare_s
        row = run_row("rare", replication, down_s, good_s=good_s, unprotected_s=spare_s)
        runs += [row]
    incidents = [incident_row("rare", k, down_s) for k, down_s in ((3, 60.0), (3, 30.0), (7, 30.0))]
    incidents += [incident_row("rare", 9, 0.0)]
    return Tables(
        table_from_rows("runs", runs),
        table_from_rows("incidents", incidents),
        table_from_rows("causes", []),
        table_from_rows("loads", []),
        table_from_rows("stages", []),
        table_from_rows("controls", []),
    )


def outages_of(runs: pd.DataFrame, incidents: pd.DataFrame) -> Outages:
    """The incidents of the runs, by run."""
    found = Outages(runs["replication"].to_numpy(dtype=np.int64))
    columns = {c: incidents[c].to_numpy(dtype=float) for c in ("downtime_s", "split_brain_s")}
    found.add(incidents["replication"].to_numpy(dtype=np.int64), columns)
    return found


def test_the_parts_of_a_mean_are_the_outages_of_the_runs() -> None:
    """Two outages in one year would count as one of their common length."""
    tables = few_outages(0.0)
    outages = outages_of(tables.runs, tables.incidents)
    seconds = tables.runs["downtime_s"].to_numpy(dtype=float)
    # Parts of 30, 30 and 60 s; their squares are told in units of the longest's.
    assert outages.parts(seconds, "downtime_s") == pytest.approx((3, 120.0, 60.0, 1.5))
    assert outages.parts(seconds / 3, "downtime_s") == pytest.approx((3, 40.0, 20.0, 1.5))
    # Without incidents, a year is the part.
    assert outages.parts(seconds, "split_brain_s") == pytest.approx((2, 120.0, 90.0, 1 + 1 / 9))
    assert outages.parts(0 * seconds, "downtime_s") == (0, 0.0, 0.0, 0.0)
    assert outages.count == 3
    assert outages_of(tables.runs.iloc[::-1].iloc[:46], tables.incidents).count == 1


@pytest.mark.parametrize("size", [1, 3, 7])
def test_how_rows_are_cut_changes_no_bit_of_a_summary(size: int) -> None:
    """A study would be summed up otherwise from its files than from its tables."""
    lengths = [0.1 * k**3 + 1e-7 for k in range(9)]
    incidents = [incident_row("d", k // 3, down_s) for k, down_s in enumerate(lengths)]
    runs = [run_row("d", k, sum(lengths[3 * k : 3 * k + 3])) for k in range(3)]
    causes = [cause_row("d", k // 2, "crash", 0.1 * k) for k in range(6)]
    rows = {"runs": runs, "incidents": incidents, "causes": causes}
    whole = {name: to_arrow(name, table_from_rows(name, of)) for name, of in rows.items()}
    pieces = [
        [table.slice(first, size) for first in range(0, table.num_rows, size)]
        for table in whole.values()
    ]
    expected = summarise_sample("d", "cloud", read_sample(*([table] for table in whole.values())))
    assert summarise_sample("d", "cloud", read_sample(*pieces)) == expected
    by_run = [
        read_sample(
            *([t.filter(pc.equal(t["replication"], k))] for t in whole.values()),
        )
        for k in range(3)
    ]
    assert summarise_sample("d", "cloud", Sample.joined(by_run)) == expected


def test_a_mean_of_few_outages_is_not_printed() -> None:
    """Three outages in fifty years would be quoted as `0.04 minutes a year`."""
    [rare] = summarise(few_outages(0.0))
    found = rare.numbers["downtime_minutes_per_year"]
    assert (found.events, found.thin, found.estimate) == (3, True, pytest.approx(0.04))
    assert "Fay-Feuer" in found.method
    out = io.StringIO()
    Console(file=out, width=100).print(render_summary([rare]))
    [line] = [line for line in out.getvalue().splitlines() if "downtime, min/year" in line]
    assert "(3 seen: no mean)" in line
    assert "0.04" not in line
    assert "no mean: fewer than 30 were seen" in out.getvalue()
    assert json.loads(json.dumps(to_json([rare])))[0]["numbers"]["nines"]["method"] == found.method


def test_rare_outages_are_bounded_by_what_repairs_last() -> None:
    """A design that hardly failed would be bounded by seconds, though its repairs take hours."""
    [short], [long] = summarise(few_outages(0.0)), summarise(few_outages(36_000.0))
    bounds = [s.numbers["downtime_minutes_per_year"].high or 0.0 for s in (short, long)]
    assert bounds[1] > 5 * bounds[0]
    never = long.numbers["split_brain_s_per_year"]
    assert never.high == pytest.approx(3.689 / 50 * 36_090, rel=1e-3)
    assert (short.numbers["split_brain_s_per_year"].high or 0) < 10
    out = io.StringIO()
    Console(file=out, width=100).print(render_summary([long]))
    assert "nothing outlasts the most seconds" in out.getvalue()
    assert all(len(line) <= 100 for line in out.getvalue().splitlines())


def test_the_table_fits_a_hundred_columns() -> None:
    """The headline would wrap into noise on a terminal, or hide designs."""
    two = printed(100)
    assert all(len(line) <= 100 for line in two.splitlines())
    for expected in ("weak", "calm", "0.99996", "20.5 [", "1 year in 20", "power", "split-brain"):
        assert expected in two
    four = printed(100, "d1", "d2", "d3", "d4")
    assert all(f"d{k}, cloud" in four for k in (1, 2, 3, 4))


def test_json_has_no_infinity_and_no_nan() -> None:
    """Other programs would reject the output."""
    text = json.dumps(to_json(summarise(study())), allow_nan=False)
    weak, calm = json.loads(text)
    assert weak["numbers"]["downtime_minutes_per_year"]["estimate"] == pytest.approx(20.5)
    assert calm["numbers"]["nines"]["estimate"] is None
    assert calm["numbers"]["nines"]["low"] > 1
