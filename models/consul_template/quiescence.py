"""When a change is rendered, if ``wait`` is set: ``consul.md`` section 6.

0.10 starts the timer for the longest wait at the previous render, so that an isolated change is
rendered at once if that was longer ago than ``max``. 0.39 starts it at the first change.
"""

from __future__ import annotations

from models.consul_template.spec import Version, WaitSpec


class Quiescence:
    """The two timers of one program; times in ns."""

    def __init__(self, spec: WaitSpec, version: Version) -> None:
        self.spec = spec
        self.version = version
        self.rendered_ns = 0
        self.first_ns = -1

    def due_ns(self, now_ns: int) -> int:
        """Return when to render, given that data has come now (and maybe before)."""
        if self.first_ns < 0:
            self.first_ns = now_ns
        since_ns = self.rendered_ns if self.version == "0.10" else self.first_ns
        return max(now_ns, min(now_ns + self.spec.min, since_ns + self.spec.max_ns))

    def rendered(self, now_ns: int) -> None:
        """Start anew: all that had come has been rendered now (or the program has started)."""
        self.rendered_ns, self.first_ns = now_ns, -1
