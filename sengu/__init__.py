"""sengu from Python: designs, studies, trials and incidents, as objects that show themselves.

This is the whole public interface; `docs/python-api.md` is its tour. Everything else may change.

design, profile         one that is shipped, by its name, or a YAML file
parse_design, parse_profile   the same from text
designs, profiles       the names of those that are shipped
run, compare, sweep     simulate years of designs; return Results or a Comparison
incident_mode           the mean of a rare metric, one incident at a time; returns IncidentMeans
splitting               the mean of a rare harm, by years split where they come near it; SplitMeans
open_study              the Results of a study that was kept on disk
inject                  faults at stated times; returns Trials
replay, shrink          an incident of a study, second by second; the fewest faults that it needs

Names are looked up when they are first used, so that importing sengu costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from experiments.api.comparing import Comparison
    from experiments.api.documents import (
        Design,
        Profile,
        design,
        designs,
        parse_design,
        parse_profile,
        profile,
        profiles,
    )
    from experiments.api.incident_mode import IncidentMeans, incident_mode
    from experiments.api.picture import Picture
    from experiments.api.results import Overview, Results, Summary
    from experiments.api.splitting import SplitMeans, splitting
    from experiments.api.studies import compare, open_study, run, sweep
    from experiments.api.trials import Trials, inject
    from experiments.incidents import (
        IncidentError,
        NotReproduced,
        Replay,
        Shrunk,
        replay,
        shrink,
    )
    from experiments.loading import SpecError
    from experiments.statistics import Interval
    from experiments.study import StudyError, StudyRefused
    from experiments.study.document import program_version

    __version__ = program_version()

_HOME: Final = {
    "Comparison": "experiments.api.comparing",
    "Design": "experiments.api.documents",
    "IncidentError": "experiments.incidents",
    "IncidentMeans": "experiments.api.incident_mode",
    "Interval": "experiments.statistics",
    "NotReproduced": "experiments.incidents",
    "Overview": "experiments.api.results",
    "Picture": "experiments.api.picture",
    "Profile": "experiments.api.documents",
    "Replay": "experiments.incidents",
    "Results": "experiments.api.results",
    "Shrunk": "experiments.incidents",
    "SpecError": "experiments.loading",
    "SplitMeans": "experiments.api.splitting",
    "StudyError": "experiments.study",
    "StudyRefused": "experiments.study",
    "Summary": "experiments.api.results",
    "Trials": "experiments.api.trials",
    "compare": "experiments.api.studies",
    "design": "experiments.api.documents",
    "designs": "experiments.api.documents",
    "incident_mode": "experiments.api.incident_mode",
    "inject": "experiments.api.trials",
    "open_study": "experiments.api.studies",
    "parse_design": "experiments.api.documents",
    "parse_profile": "experiments.api.documents",
    "profile": "experiments.api.documents",
    "profiles": "experiments.api.documents",
    "replay": "experiments.incidents",
    "run": "experiments.api.studies",
    "shrink": "experiments.incidents",
    "splitting": "experiments.api.splitting",
    "sweep": "experiments.api.studies",
}
"""Where each public name is at home."""

__all__ = [
    "Comparison",
    "Design",
    "IncidentError",
    "IncidentMeans",
    "Interval",
    "NotReproduced",
    "Overview",
    "Picture",
    "Profile",
    "Replay",
    "Results",
    "Shrunk",
    "SpecError",
    "SplitMeans",
    "StudyError",
    "StudyRefused",
    "Summary",
    "Trials",
    "__version__",
    "compare",
    "design",
    "designs",
    "incident_mode",
    "inject",
    "open_study",
    "parse_design",
    "parse_profile",
    "profile",
    "profiles",
    "replay",
    "run",
    "shrink",
    "splitting",
    "sweep",
]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return import_module("experiments.study.document").program_version()
    if name not in _HOME:
        raise AttributeError(f"module 'sengu' has no attribute '{name}'")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return __all__
