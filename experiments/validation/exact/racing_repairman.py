"""The repairman of the workstation cluster: kinds of job that wait race for him."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from sim.engine import Kernel, Occurrence
from sim.laws import Law
from sim.repair import Crew, kind_of
from sim.state import hidden
from sim.trace import Trace

_Waiting = tuple[str, Callable[[], object]]


class RacingRepairman(Crew):
    """One person; of the kinds of job that wait, the one whose way to it is shortest comes first.

    While he is free, each kind that waits has a way of its own, drawn anew (``acknowledge``); jobs
    of one kind are taken in their order.
    """

    jobs: tuple[_Waiting, ...] = hidden(())
    racing: tuple[tuple[str, Occurrence], ...] = hidden(())

    def __init__(
        self, kernel: Kernel, path: str, way: Law, fix_of: Mapping[str, Law], trace: Trace
    ) -> None:
        super().__init__(kernel, path, 1, way, next(iter(fix_of.values())), trace, fix_of)

    def call(
        self,
        job_name: str,
        done: Callable[[], object],
        *,
        wanted: Callable[[], object] = lambda: True,
    ) -> None:
        if job_name in self.open_jobs:
            raise ValueError(f"{self.path}: job {job_name} is open already")
        self.open_jobs |= {job_name}
        self.pages += 1
        self.jobs = (*self.jobs, (job_name, done))
        if not self.busy:
            self._race(kind_of(job_name))

    def _race(self, kind: str) -> None:
        if any(other == kind for other, _ in self.racing):
            return
        name = f"{self.path}/{kind}"
        wait_ns = self.acknowledge.sample_ns(self.kernel.stream(name, "way"))
        rank = self.kernel.claim_rank(name)
        start = self.kernel.call_at(self.kernel.now + wait_ns, rank, partial(self._start, kind))
        self.racing = (*self.racing, (kind, start))

    def _start(self, kind: str) -> None:
        self.busy = 1
        for other, start in self.racing:
            if other != kind:
                start.cancel()
        self.racing = ()
        job = next(job for job in self.jobs if kind_of(job[0]) == kind)
        name = f"{self.path}/{kind}"
        wait_ns = self.fix_of[kind].sample_ns(self.kernel.stream(name, "fix"))
        rank = self.kernel.claim_rank(name)
        self.kernel.call_at(self.kernel.now + wait_ns, rank, partial(self._finish, job))

    def _finish(self, job: _Waiting) -> None:
        name, done = job
        self.busy = 0
        self.fixes += 1
        self.jobs = tuple(other for other in self.jobs if other[0] != name)
        self.open_jobs -= {name}
        done()
        for kind in sorted({kind_of(waiting) for waiting, _ in self.jobs}):
            self._race(kind)
