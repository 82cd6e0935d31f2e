"""Studies: many runs of points (design x profile), executed in chunks, assembled in order.

Study, StudyPoint   what to run
run_study           runs it on this machine's processors
execute             runs it on any `concurrent.futures.Executor`
StudyResult         the tables, and how many runs failed
StudyError          the study could not be finished, or its directory not be used
claim_directory     checks that results may be written there
write_study         writes tables and `spec.json`
"""

from experiments.study.errors import StudyError
from experiments.study.execution import StudyResult, execute, run_study
from experiments.study.output import claim_directory, write_study
from experiments.study.plan import Study, StudyPoint

__all__ = [
    "Study",
    "StudyError",
    "StudyPoint",
    "StudyResult",
    "claim_directory",
    "execute",
    "run_study",
    "write_study",
]
