"""A script or HTTP check: the agent's loop of run, wait for the interval, run again.

Source: ``consul.md`` section 1.1. The first run comes U(0, interval) after registration; the next
starts one interval after the last has ended, so the period is interval + run time. A run reads
DNS and role at one instant, the tick; its result is known ``script_run_time`` later and in the
catalogue one commit after that. A run that hangs ends critical at the timeout, and the next comes
an interval later. For an HTTP check the run time is the application's latency.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from models.consul.catalogue import CheckRecord
from models.consul.check_body import CheckBody, Outcome
from models.consul.spec import CheckSpec, Era, HttpCheckSpec, Status
from models.process import Process
from sim.engine import Kernel, Occurrence
from sim.grid import Regular
from sim.state import Entity, hidden, state
from sim.ticker import Ticker
from sim.trace import Trace
from sim.watch import Watch


class Check(Entity):
    """One check of one agent. ``status`` is the agent's own; the catalogue's is ``record``'s.

    ``stuck``: the last run hung, and so has every run since.
    """

    process: Final[Process]
    trace: Final[Trace]
    spec: Final[CheckSpec | HttpCheckSpec]
    body: Final[CheckBody]
    record: Final[CheckRecord]
    changed: Final[Callable[[], object]]
    timeout_ns: Final[int]
    commit_ns: Final[int]
    end_rank: Final[int]
    ticker: Final[Ticker]
    status: Status = state("critical")
    stuck: bool = state(False)
    stuck_since_ns: int = hidden(0)
    ending: Occurrence | None = hidden(None)
    unread: Status | None = hidden(None)

    def __init__(
        self,
        process: Process,
        trace: Trace,
        spec: CheckSpec | HttpCheckSpec,
        body: CheckBody,
        record: CheckRecord,
        changed: Callable[[], object],
        *,
        era: Era,
        commit_ns: int,
    ) -> None:
        kernel: Kernel = process.kernel
        super().__init__(kernel, f"consul/{process.host.name}/check/{spec.check_id}")
        self.process = process
        self.trace = trace
        self.spec = spec
        self.body = body
        self.record = record
        self.changed = changed
        self.timeout_ns = spec.timeout_ns(era)
        self.commit_ns = commit_ns
        self.status = spec.status
        self.end_rank = kernel.claim_rank(f"{self.path}/end")
        self.ticker = Ticker(
            kernel, f"{self.path}/run", self._first_grid(), self._would_matter, self._run
        )
        Watch(kernel, f"{self.path}/answered", self._answered, self._go_on, initial=False)

    # The grids -------------------------------------------------------------------------------

    @property
    def _period_ns(self) -> int:
        return self.spec.interval_ns + self.spec.run_time_ns

    @property
    def _stuck_period_ns(self) -> int:
        return self.timeout_ns + self.spec.interval_ns

    def _first_grid(self) -> Regular:
        wait_ns = self.kernel.stream(self.path, "phase").between(0, self.spec.interval_ns)
        return Regular(self.kernel.now + wait_ns, self._period_ns)

    # The loop --------------------------------------------------------------------------------

    def _would_matter(self) -> bool:
        if not self.process.running:
            return False
        outcome = self._outcome()
        return outcome != "hung" if self.stuck else outcome != self.status

    @property
    def _run_ns(self) -> int:
        return round(self.spec.run_time_ns * self.process.host.slow_factor)

    def _outcome(self) -> Outcome:
        """What a run would bring; one that is slower than its timeout is as good as hung."""
        return "hung" if self._run_ns > self.timeout_ns else self.body.outcome()

    def _run(self) -> None:
        if self.ending is not None or not self._would_matter():
            return
        now = self.kernel.now
        outcome = self._outcome()
        if self.stuck:
            self.stuck = False
            self.ticker.regrid(Regular(now, self._period_ns))
        if outcome == "hung":
            self.stuck, self.stuck_since_ns = True, now
            self.ticker.regrid(Regular(now, self._stuck_period_ns))
            self._end_at(now + self.timeout_ns + self.commit_ns, "critical")
        elif outcome != self.status:
            self._end_at(now + self._run_ns + self.commit_ns, outcome)

    def _answered(self) -> bool:
        return self.stuck and not self.body.hangs() and self._run_ns <= self.timeout_ns

    def _go_on(self, answered: bool) -> None:
        """Redis answers again: a run that waits for it ends, and the usual rhythm returns."""
        if not answered:
            return
        now, cycle_ns = self.kernel.now, self._stuck_period_ns
        waited_ns = (now - self.stuck_since_ns) % cycle_ns
        self.stuck = False
        if waited_ns >= self.timeout_ns:
            next_ns = now - waited_ns + cycle_ns
        else:
            next_ns = now + self._run_ns + self.spec.interval_ns
            self._forget_end()
            result = self.body.by_probe()
            if result != self.status:
                self._end_at(now + self._run_ns + self.commit_ns, result)
        self.ticker.regrid(Regular(next_ns, self._period_ns))

    def _end_at(self, at_ns: int, status: Status) -> None:
        self.ending = self.kernel.call_at(at_ns, self.end_rank, lambda: self._end(status))

    def _end(self, status: Status) -> None:
        self.ending = None
        if self.process.running:
            self._publish(status)
        else:
            # The agent stands still: it takes the result in when it goes on.
            self.unread = status

    def _publish(self, status: Status) -> None:
        if status != self.status:
            self.status = status
            self.trace.add(
                self.kernel.now, self.process.path, "check", check=self.spec.check_id, status=status
            )
            self.changed()

    def _forget_end(self) -> None:
        if self.ending is not None:
            self.ending.cancel()
            self.ending = None

    # The life of the agent -------------------------------------------------------------------

    def register(self) -> None:
        """The agent has started: the status of the definition, and a phase drawn anew."""
        self.status = self.spec.status
        self.redraw()

    def redraw(self) -> None:
        """Draw the phase anew, as start and reload do; a run under way is forgotten."""
        self._forget_end()
        self.stuck, self.unread = False, None
        self.ticker.regrid(self._first_grid())

    def stop(self) -> None:
        """The agent is gone, and its script's result with it."""
        self._forget_end()
        self.stuck, self.unread = False, None

    def resumed(self, paused_ns: int) -> None:
        """Go on after a standstill: a run that fell due meanwhile starts at once."""
        if self.unread is not None:
            status, self.unread = self.unread, None
            self._publish(status)
        now = self.kernel.now
        due = self.ticker.grid.until(now)
        if not self.stuck and due is not None and due > now - paused_ns:
            # One nanosecond on: the turn at this very instant may be over.
            self.ticker.regrid(Regular(now + 1, self._period_ns))
