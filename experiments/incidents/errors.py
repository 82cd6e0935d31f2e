"""What can go wrong with an incident of a study; each is one line."""


class IncidentError(Exception):
    """Something that the caller can put right: an unknown name, an absent table, another sengu."""


class NotReproduced(Exception):
    """A run that was run again and came out otherwise: a defect, or tables that were changed."""
