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


def parts_of(study: StoredStudy) -> tuple[By, pd.DataFrame]:
    """How the downtime was chosen to be cut, and the parts for `plot_waterfall`.

    Raises NotDrawable for another word than stage or cause, or a study without the table.
    """
    by = study.choice.by or "cause"
    if by not in ("stage", "cause"):
        raise NotDrawable(f"--by: expected stage or cause; got '{by[:60]}'")
    from experiments.results.errors import ResultsError
    from experiments.results.stages import downtime_by_cause, downtime_by_stage

    measure = downtime_by_stage if by == "stage" else downtime_by_cause
    try:
        return cast("By", by), study.of_choice(measure(study.directory))
    except ResultsError as error:
        raise NotDrawable(str(error)) from None


def sensitivity_of(study: StoredStudy) -> pd.DataFrame:
    """The table of one-at-a-time sensitivities that a study keeps, for `plot_tornado`.

    Raises NotDrawable if it has none.
    """
    import pandas as pd

    path = study.directory / SENSITIVITY
    if not path.is_file():
        raise NotDrawable(f"{study.directory}: holds no sensitivities: there is no {SENSITIVITY}")
    try:
        return pd.read_csv(path)
    except (OSError, ValueError) as error:
        reason = " ".join(str(error).split())[:200]
        raise NotDrawable(f"{path}: cannot be read: {reason}") from None
