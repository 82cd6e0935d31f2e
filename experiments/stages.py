"""The stages of an outage: where a second without service was spent.

Source: ``failures.md`` 3.7 and 4, ``peers.md`` section 5, idea 2. How a second is attributed:
``experiments/building/stages.py``, and in words ``docs/metrics.md``.
"""

from __future__ import annotations

from typing import Final, Literal

Stage = Literal[
    "detect",
    "agree",
    "elect",
    "promote",
    "publish",
    "reconnect",
    "repair",
    "no-spare",
    "false-alarm",
    "path",
    "backend",
    "planned-swap",
]

STAGES: Final[dict[Stage, str]] = {
    "detect": "the master has failed, and nobody who could replace it suspects it yet",
    "agree": "somebody suspects it, and it is not certain yet: others are asked, or it is retried",
    "elect": "it is certain, and nobody leads the failover yet",
    "promote": "a failover is being carried out, and the new master does not accept writes yet",
    "publish": "a master accepts writes, and the name or address that is told does not lead there",
    "reconnect": "it is told rightly, and clients wait, retry or hold on to what they had",
    "repair": "nobody accepts writes, and no automatic failover can come as things stand",
    "no-spare": "nobody accepts writes, and no stand-by runs that could be promoted",
    "false-alarm": "what a failover costs that replaced a master which could serve",
    "path": "the network between clients and what they need is cut",
    "backend": "an instance of an application is dead, hangs or is overloaded, and still asked",
    "planned-swap": "master and stand-by are being swapped on purpose",
}
"""All stages, in the order in which figures and tables show them, with what each means."""
