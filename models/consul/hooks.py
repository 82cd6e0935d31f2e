"""The talk's two hook scripts, which take the database master's name away and give it back.

Source: ``deck.md`` section 2.5 (slides 69 and 70) and ``consul.md`` section 4. Each is a shell
script of ``curl`` calls to the agent on the host on which it runs, each call a commit of its own.
``curl`` without ``-f`` exits 0 whatever the status code; a refused connection is exit code 7. The
scripts have no ``set -e``, so what they return is the exit code of their last command alone.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Final

from models.consul.http import Done, HttpApi, Status
from models.spec import Name, StrictModel, YesNo

# curl(1): "Failed to connect to host". A connection that breaks later is 52 or 56; callers ask
# no more than whether it is 0.
_CURL_COULD_NOT_CONNECT: Final = 7

Step = Callable[[Done], object]


class HooksSpec(StrictModel):
    """The names that the scripts hold: those of slides 69 and 70 (``deck.md`` section 2.5).

    ``typo: yes`` registers the node that slide 70 has as printed, with a brace in its name
    (``consul.md`` section 4).
    """

    kind: ClassVar[str] = "hooks"
    master_name: Name = "foo-db-master"
    slave_name: Name = "foo-db-slave"
    typo: YesNo = False


def deregister_master_db(api: HttpApi, spec: HooksSpec, done: Callable[[int], object]) -> None:
    """Run ``deregister-master-db.sh`` (slide 69); ``done`` gets its exit code."""
    _run(
        (
            lambda then: api.deregister_node(spec.master_name, then),
            lambda then: api.delete_kv(spec.master_name, then),
        ),
        done,
    )


def register_master_db(
    api: HttpApi, spec: HooksSpec, address: str, done: Callable[[int], object]
) -> None:
    """Run ``register-master-db.sh`` (slide 70) for the new master on the host ``address``."""
    node = spec.master_name + ("}" if spec.typo else "")
    _run(
        (
            lambda then: api.deregister_node(spec.slave_name, then),
            lambda then: api.register_node(node, address, then),
            lambda then: api.put_kv(spec.master_name, address, then),
        ),
        done,
    )


def _run(steps: tuple[Step, ...], done: Callable[[int], object]) -> None:
    """Make one call after the other, whatever the outcome of each."""

    def ended(status: Status) -> None:
        if len(steps) > 1:
            _run(steps[1:], done)
        else:
            done(_CURL_COULD_NOT_CONNECT if status is None else 0)

    steps[0](ended)
