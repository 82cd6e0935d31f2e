"""The one error that the tables of a study may end in."""


class ResultsError(ValueError):
    """A table that is damaged or does not fit its schema, or a directory without tables."""
