"""What can go wrong with a study that is not the error of one of its runs; each is one line.

StudyError
    StudyRefused    nothing was begun: the directory or its study is not one to work on
    RunFailed       a run failed, and the study was to stop at the first
"""


class StudyError(Exception):
    """A study that cannot be finished; what has finished is kept."""


class StudyRefused(StudyError):
    """A directory that cannot be used, or a study that cannot be gone on with."""


class RunFailed(StudyError):
    """A run that failed, where that was to end the study."""
