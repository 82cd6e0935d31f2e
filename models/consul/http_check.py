"""An HTTP check: the agent asks the application on its host and goes by the status code.

Source: ``consul.md`` section 1.1: 2xx passing, 429 warning, anything else or an error critical. No
keep-alive: each run connects anew. What the application would say is the probe's to know.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from models.consul.check_body import Outcome
from models.consul.spec import Status

HttpProbe = Callable[[], Literal["passing", "warning", "critical", "hung"]]
"""What a GET to the application brings now: 2xx, 429, another code or a refused connection, or
nothing at all; reads observable state only."""


class HttpCheck:
    """The check of one application on one host."""

    def __init__(self, probe: HttpProbe) -> None:
        self.probe = probe

    def outcome(self) -> Outcome:
        """Return how a run that begins at this instant ends; pure."""
        return self.probe()

    def hangs(self) -> bool:
        """Whether the application accepts the connection and does not answer."""
        return self.probe() == "hung"

    def by_probe(self) -> Status:
        """Return what a run comes to that has waited: what is answered now, or an error."""
        found = self.probe()
        return "critical" if found == "hung" else found
