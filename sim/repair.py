"""Repair needs somebody: a crew of people who are paged and take one job at a time each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from sim.engine import Kernel, Occurrence
from sim.laws import Fixed, Law
from sim.state import Entity, hidden
from sim.trace import Trace


def kind_of(job_name: str) -> str:
    """Return the kind of a job: its name up to the first ``/``."""
    return job_name.partition("/")[0]


class _Job(NamedTuple):
    name: str
    done: Callable[[], object]
    wanted: Callable[[], object]


class Crew(Entity):
    """``people`` who serve first come, first served.

    A person who is free acknowledges a job (gets up, logs in) and fixes it; then goes on with the
    job that has waited longest, without getting up anew. Both times are drawn per job, from streams
    keyed by the crew and the job's own name, so that the place in the queue changes nobody's draws.
    A job takes ``fix``, unless ``fix_of`` has a law for its kind, which is its name up to a ``/``.
    ``busy`` and ``waiting`` count people and jobs; ``pages`` counts calls, ``fixes`` the jobs done.

    A job whose cause has gone by itself is left, however long it would still have taken.

    Traces ``page``, ``acknowledged`` and ``fixed`` (or ``found-well``), each with ``job``.
    """

    people: Final[int]
    acknowledge: Final[Law]
    fix: Final[Law]
    fix_of: Final[Mapping[str, Law]]
    trace: Final[Trace]
    busy: int = hidden(0)
    waiting: int = hidden(0)
    pages: int = hidden(0)
    fixes: int = hidden(0)
    queue: tuple[_Job, ...] = hidden(())
    open_jobs: frozenset[str] = hidden(frozenset())
    at_work: Mapping[str, tuple[_Job, Occurrence]] = hidden(MappingProxyType({}))

    def __init__(
        self,
        kernel: Kernel,
        path: str,
        people: int,
        acknowledge: Law,
        fix: Law,
        trace: Trace,
        fix_of: Mapping[str, Law] = MappingProxyType({}),
    ) -> None:
        """Assemble the crew; raises ValueError for a crew of nobody."""
        super().__init__(kernel, path)
        if people < 1:
            raise ValueError(f"{path}: a crew needs at least one person, not {people}")
        self.people = people
        self.acknowledge = acknowledge
        self.fix = fix
        self.fix_of = fix_of
        self.trace = trace

    def call(
        self,
        job_name: str,
        done: Callable[[], object],
        *,
        wanted: Callable[[], object] = lambda: True,
    ) -> None:
        """Page the crew; ``done`` is called when the job is fixed.

        Whoever acknowledges it looks first: a job that is not ``wanted`` any more is dropped.
        Raises ValueError if a job of this name is open: its draws would be shared.
        """
        if job_name in self.open_jobs:
            raise ValueError(f"{self.path}: job {job_name} is open already")
        self.open_jobs |= {job_name}
        self.pages += 1
        self._record("page", job_name)
        job = _Job(job_name, done, wanted)
        if self.busy < self.people:
            self.busy += 1
            self._take(job)
        else:
            self.queue = (*self.queue, job)
            self.waiting += 1

    def _take(self, job: _Job) -> None:
        """Somebody who was free gets up for it."""
        self._after(self.acknowledge, "acknowledge", job, lambda: self._acknowledged(job))

    def _acknowledged(self, job: _Job) -> None:
        self._record("acknowledged", job.name)
        if not job.wanted():
            self._record("found-well", job.name)
            self._leave(job)
            return
        takes = self.fix_of.get(kind_of(job.name), self.fix)
        end = self._after(takes, "fix", job, lambda: self._fixed(job))
        self.at_work = MappingProxyType({**self.at_work, job.name: (job, end)})

    def withdraw(self, job_name: str) -> None:
        """Hear that the cause of a job is gone: who is at it leaves, who is on the way will look.

        No effect if nobody is at it.
        """
        if job_name in self.at_work:
            job, end = self.at_work[job_name]
            end.cancel()
            self._record("found-well", job_name)
            self._leave(job)

    def _fixed(self, job: _Job) -> None:
        self._record("fixed", job.name)
        self.fixes += 1
        self._leave(job)
        job.done()

    def _leave(self, job: _Job) -> None:
        self.open_jobs -= {job.name}
        others = {name: work for name, work in self.at_work.items() if name != job.name}
        self.at_work = MappingProxyType(others)
        # The next job is taken before `done` may page again: nobody jumps the queue.
        if self.queue:
            following, *rest = self.queue
            self.queue = tuple(rest)
            self.waiting -= 1
            # Whoever has just done the last job is at work already.
            self._after(Fixed(0.0), "acknowledge", following, lambda: self._acknowledged(following))
        else:
            self.busy -= 1

    def _after(self, law: Law, purpose: str, job: _Job, call: Callable[[], object]) -> Occurrence:
        name = f"{self.path}/{job.name}"
        wait_ns = law.sample_ns(self.kernel.stream(name, purpose))
        self.kernel.controls.drawn(f"{self.path}/{kind_of(job.name)}/{purpose}", law, wait_ns)
        return self.kernel.call_at(self.kernel.now + wait_ns, self.kernel.claim_rank(name), call)

    def _record(self, event: str, job_name: str) -> None:
        self.trace.add(self.kernel.now, self.path, event, job=job_name)
