"""Studies: many runs of points (design x profile), executed in chunks, assembled in order.

Study, StudyPoint   what to run
Precision           what a study is to know before it ends, if it is not to end by years
Stopping            how such a study has ended, with what each look has found
run_study           runs it on this machine's processors or on Dask, into a directory
resume_study        goes on with one that was interrupted
execute             runs chunks on any `concurrent.futures.Executor`
Execution           workers, chunks, what a failed run does, who is told of progress
StudyResult         the directory: its tables, its summaries, and how many runs failed
identity_of         which study that is: version, seed, years, points, hash of its spec
StudyError          the study could not be finished (StudyRefused: nor begun; RunFailed)
claim_directory     checks that results may be written there
write_study         writes a directory from tables at hand
"""

from experiments.study.directory import claim_directory, write_study
from experiments.study.errors import RunFailed, StudyError, StudyRefused
from experiments.study.execution import Execution, OnError, execute, resume_study, run_study
from experiments.study.identity import identity_of
from experiments.study.plan import Study, StudyPoint
from experiments.study.precision import Precision, Stopping
from experiments.study.result import StudyResult

__all__ = [
    "Execution",
    "OnError",
    "Precision",
    "RunFailed",
    "Stopping",
    "Study",
    "StudyError",
    "StudyPoint",
    "StudyRefused",
    "StudyResult",
    "claim_directory",
    "execute",
    "identity_of",
    "resume_study",
    "run_study",
    "write_study",
]
