"""What the figures raise if their tables do not hold what they show."""


class NotDrawable(ValueError):
    """The table lacks what the figure needs; the message says what, in one line."""
