"""The one error of a study that is not the error of one of its runs."""


class StudyError(Exception):
    """A study that cannot be finished, or whose directory cannot be used; one line."""
