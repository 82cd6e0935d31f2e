"""The SQL thread: what of the received transactions has been applied, and how long the rest takes.

Source: ``mysqlfailover.md`` section 2 (apply lag affects time, not loss), section 1.7 (a stopped
SQL thread is not waited for).
"""

from __future__ import annotations

from models.mysql.gtid import GtidSet


class SqlThread:
    """Applies what has been received, at an even pace, until a known moment.

    Plain bookkeeping: whether it runs is observable on the server (``sql_running``).
    """

    __slots__ = ("_from", "_left_ns", "_since_ns", "running")

    def __init__(self) -> None:
        self.running = True
        self._from: GtidSet | None = None
        self._since_ns = 0
        self._left_ns = 0

    def fall_behind(self, executed: GtidSet, lag_ns: int, now_ns: int) -> None:
        """Have ``executed`` at this moment, and everything received ``lag_ns`` from now."""
        self._from = executed
        self._since_ns = now_ns
        self._left_ns = max(lag_ns, 0)

    def forget(self) -> None:
        """Have nothing left to apply (the relay log has been purged)."""
        self._from = None
        self._left_ns = 0

    def executed(self, received: GtidSet, now_ns: int) -> GtidSet:
        """Return which of the ``received`` transactions have been applied by now."""
        if self._from is None:
            return received
        passed_ns = now_ns - self._since_ns if self.running else 0
        if passed_ns >= self._left_ns and self.running:
            return received
        share = passed_ns / self._left_ns if self._left_ns else 0.0
        return self._from.towards(received, share)

    def wait_ns(self, now_ns: int) -> int:
        """Return how long it takes from now until everything received is applied."""
        if self._from is None:
            return 0
        return max(0, self._since_ns + self._left_ns - now_ns) if self.running else self._left_ns

    def stop(self, received: GtidSet, now_ns: int) -> None:
        """Stand still where it is."""
        if not self.running:
            return
        done, left_ns = self.executed(received, now_ns), self.wait_ns(now_ns)
        self.running = False
        if left_ns:
            self.fall_behind(done, left_ns, now_ns)
        else:
            self.fall_behind(received, 0, now_ns)

    def start(self, now_ns: int) -> None:
        """Go on from where it stood."""
        if not self.running:
            self.running = True
            self._since_ns = now_ns
