"""Downtime cut into parts, by stage or by cause, from a study on disk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from experiments.plots.errors import NotDrawable

SENSITIVITY: Final = "sensitivity.csv"
"""Beside the tables of the study; its columns: `experiments.plots.tornado.COLUMNS`."""

if TYPE_CHECKING:
    import pandas as pd

    from experiments.plots.stored import StoredStudy
    from experiments.plots.waterfall import By


def downtime_by_cause(runs: pd.DataFrame, causes: pd.DataFrame) -> pd.DataFrame:
    """What each cause is charged with: design, profile, cause, downtime_min_per_year (mean).

    Args:
        runs: finished rows of `results.RUNS`; design, profile and horizon_s.
        causes: rows of `results.CAUSES`; design, profile, cause and downtime_s.
    """
    from experiments.results.summary import YEAR_S

    point = ["design", "profile"]
    years = runs.groupby(point, sort=False)["horizon_s"].sum().astype(float) / YEAR_S
    seconds = causes.groupby([*point, "cause"], sort=False)["downtime_s"].sum().astype(float)
    table = (seconds / 60.0).reset_index(name="minutes")
    table = table.merge(years.reset_index(name="years"), on=point, how="left")
    table["downtime_min_per_year"] = table["minutes"] / table["years"]
    return table[[*point, "cause", "downtime_min_per_year"]]


def parts_of(study: StoredStudy) -> tuple[By, pd.DataFrame]:
    """How the downtime was chosen to be cut, and the parts for `plot_waterfall`.

    Raises NotDrawable for another word than stage or cause, or a study without stages.
    """
    by = study.choice.by or "cause"
    if by not in ("stage", "cause"):
        raise NotDrawable(f"--by: expected stage or cause; got '{by[:60]}'")
    runs, causes = study.runs(), study.table("causes", ["cause", "downtime_s"])
    return cast("By", by), downtime_by_cause(runs, causes)


def sensitivity_of(study: StoredStudy) -> pd.DataFrame:
    """The table of one-at-a-time sensitivities that a study keeps, for `plot_tornado`.

    Raises NotDrawable if it has none.
    """
    import pandas as pd

    path = study.directory / SENSITIVITY
    if not path.is_file():
        raise NotDrawable(f"{study.directory}: holds no sensitivities: there is no {SENSITIVITY}")
    return pd.read_csv(path)
