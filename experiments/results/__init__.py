"""The results of a study: its tables on disk, and the headline numbers made from them."""

from experiments.results.errors import ResultsError
from experiments.results.render import render_summary, to_json
from experiments.results.schema import (
    CAUSES,
    CLASS_COLUMNS,
    INCIDENTS,
    RUNS,
    TABLES,
    Column,
    incident_id,
)
from experiments.results.stored import summarise_stored
from experiments.results.summary import DesignSummary, summarise
from experiments.results.tables import (
    Tables,
    concatenate,
    conform,
    read_tables,
    table_from_rows,
    write_tables,
)

__all__ = [
    "CAUSES",
    "CLASS_COLUMNS",
    "INCIDENTS",
    "RUNS",
    "TABLES",
    "Column",
    "DesignSummary",
    "ResultsError",
    "Tables",
    "concatenate",
    "conform",
    "incident_id",
    "read_tables",
    "render_summary",
    "summarise",
    "summarise_stored",
    "table_from_rows",
    "to_json",
    "write_tables",
]
