"""Faults as one writes them on a command line: ``down a01 at 60s for 10min``.

    kill PROCESS at TIME                        restart PROCESS at TIME after DURATION
    down HOST|PROCESS at TIME [for DURATION]    hang HOST|PROCESS at TIME [for DURATION]
    slow HOST at TIME [for DURATION] [by FACTOR] [fsync DURATION]
    disk-stall HOST at TIME for DURATION
    isolate HOST at TIME [for DURATION] [refuse] [inbound|outbound]
    cut PAIR at TIME [for DURATION] [refuse] [one-way]
    loss HOST|PAIR at TIME [for DURATION] p PROBABILITY
    delay HOST|PAIR at TIME [for DURATION] by DURATION
    starve HOST at TIME [for DURATION] by FACTOR fsync DURATION
    detour PAIR at TIME [for DURATION] by DURATION p PROBABILITY
    resolv-conf HOST at TIME [for DURATION]
    latent PROCESS at TIME [for DURATION]       logins PROCESS at TIME [for DURATION]

A PROCESS is ``redis@a01`` (or ``redis``, if there is one), a PAIR ``a01-a02`` or two sites,
``east-west``; without ``for``, a fault lasts to the end. What follows the time may stand in any
order. Every wrong command raises ValueError with one line that names the word and what was meant.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from models.effects import FAULT_KINDS, effect_of, resolve_target
from models.fault_options import FaultOptions
from models.fault_targets import TargetNames, Targets, meant
from sim.clock import YEAR_NS, format_duration, parse_duration
from sim.faults import SCRIPT, FaultBoard, ScriptedFault

_EXAMPLE: Final[dict[str, str]] = {"process": "redis@a01", "host": "a01", "pair": "a01-a02"}

# The words by which the options of a kind are given.
_WORDS: Final[dict[str, tuple[str, ...]]] = {
    "refuse": ("refuse",),
    "direction": ("inbound", "outbound"),
    "one_way": ("one-way",),
    "factor": ("by",),
    "added_fsync_ns": ("fsync",),
    "p_loss": ("p",),
    "added_delay_ns": ("by",),
    # Nobody is there to be paged by what a script orders.
    "noticed": (),
}
_VALUED: Final = frozenset({"for", "after", "by", "fsync", "p"})
_TIMED: Final = frozenset({"for", "after", "fsync"})
_NEEDS_AS_IN: Final[dict[str, str]] = {
    "for": "for 3s",
    "after": "after 1s",
    "factor": "by 10",
    "added_fsync_ns": "fsync 300ms",
    "p_loss": "p 30%",
    "added_delay_ns": "by 80ms",
}

LONGEST_NS: Final = 100 * YEAR_NS
"""Chosen: far longer than any question, and short of what 64 bits of nanoseconds can number."""


@dataclass(frozen=True)
class FaultCommand:
    """A command that was understood; ``target`` is the full name (``s2@a02`` for ``s2``).

    ``lasts_ns``: 0 if the fault is over at once (kill), None if it lasts to the end of the run.
    """

    kind: str
    target: str
    at_ns: int
    lasts_ns: int | None
    options: FaultOptions

    def schedule(self, board: FaultBoard, targets: Targets) -> None:
        """Put this fault on the board; raises ValueError if the world lacks its target."""
        effect = effect_of(SCRIPT, self.kind, self.target, targets, self.options)
        board.script(ScriptedFault(self.kind, self.target, self.at_ns, self.lasts_ns), effect)


def parse_fault(text: str, names: TargetNames) -> FaultCommand:
    """Return the fault that ``text`` orders, its target looked up among ``names``.

    Raises ValueError, one line, for anything else than the grammar above.
    """
    words = text.split()
    try:
        return _parse(words, names)
    except ValueError as error:
        raise ValueError(f"fault '{' '.join(words)}': {error}") from None


def _parse(words: list[str], names: TargetNames) -> FaultCommand:
    if not words:
        raise ValueError("nothing there; write for example: kill redis@a01 at 60s")
    verb, *rest = words
    if verb not in FAULT_KINDS:
        hint = meant(verb, FAULT_KINDS) or f"; the verbs are {', '.join(FAULT_KINDS)}"
        raise ValueError(f"unknown verb '{verb}'{hint}")
    if not rest or rest[0] == "at":
        raise ValueError(f"{verb} what? write for example: {verb} {_example(verb)} at 60s")
    target = resolve_target(verb, rest[0], names)
    if len(rest) == 1:
        raise ValueError(f"when? write for example: {verb} {rest[0]} at 60s")
    if rest[1] != "at":
        raise ValueError(f"expected 'at' and a time after '{rest[0]}', not '{rest[1]}'")
    if len(rest) == 2:
        raise ValueError("'at' needs a time, such as 60s")
    at_ns = _duration("at", rest[2])
    given = _clauses(verb, rest[3:])
    return FaultCommand(verb, target.text, at_ns, _lasts_ns(verb, given), _options(verb, given))


def _example(verb: str) -> str:
    """Return an example of what a fault of this kind strikes."""
    programs = FAULT_KINDS[verb].programs
    return f"{programs[0]}@a01" if programs else _EXAMPLE[next(iter(FAULT_KINDS[verb].rows))]


def _lasting_word(verb: str) -> str | None:
    """Return the word that says how long a fault of this kind lasts, if it lasts."""
    if FAULT_KINDS[verb].duration == "at once":
        return None
    return "after" if verb == "restart" else "for"


def _clauses(verb: str, words: list[str]) -> dict[str, str]:
    """Return the words after the time, each with its value (empty if it takes none)."""
    lasting = _lasting_word(verb)
    possible = [lasting] if lasting else []
    possible += [word for option in FAULT_KINDS[verb].options for word in _WORDS[option]]
    every_word = {"for", "after", *(word for several in _WORDS.values() for word in several)}
    given: dict[str, str] = {}
    left = list(words)
    while left:
        word = left.pop(0)
        if word not in possible:
            takes = f"it takes {', '.join(possible)}" if possible else "it takes nothing more"
            if word in every_word:
                raise ValueError(f"'{word}' does not go with {verb}; {takes}")
            raise ValueError(f"unknown word '{word}'{meant(word, possible) or f'; {takes}'}")
        if word in given:
            raise ValueError(f"'{word}' is there twice")
        given[word] = ""
        if word in _VALUED:
            if not left or left[0] in every_word:
                raise ValueError(f"'{word}' needs a value, such as {_as_in(verb, word)}")
            given[word] = left.pop(0)
        if word in _TIMED:
            # Read at once, so that "10 min" is told that 10 has no unit, not that min is unknown.
            _duration(word, given[word])
    return given


def _as_in(verb: str, word: str) -> str:
    """Return an example of the clause that this word begins."""
    names = [option for option in FAULT_KINDS[verb].options if word in _WORDS[option]]
    return _NEEDS_AS_IN[names[0] if names else word]


def _lasts_ns(verb: str, given: dict[str, str]) -> int | None:
    word = _lasting_word(verb)
    if word is None:
        return 0
    if word not in given:
        if FAULT_KINDS[verb].duration == "needed":
            raise ValueError(f"{verb} needs '{word}', such as {_NEEDS_AS_IN[word]}")
        return None
    return _positive(word, given[word])


def _options(verb: str, given: dict[str, str]) -> FaultOptions:
    kind = FAULT_KINDS[verb]
    lacking = [
        " or ".join(f"'{_NEEDS_AS_IN[need]}'" for need in group)
        for group in kind.needs
        if not any(word in given for need in group for word in _WORDS[need])
    ]
    if lacking:
        raise ValueError(f"{verb} needs more words, such as {' and '.join(lacking)}")
    if "inbound" in given and "outbound" in given:
        raise ValueError("'inbound' and 'outbound' together are both ways; leave both out")
    readers: dict[str, Callable[[str, str], object]] = {
        "refuse": _flag,
        "direction": lambda word, _: word,
        "one_way": _flag,
        "factor": _number,
        "added_fsync_ns": _positive,
        "p_loss": _probability,
        "added_delay_ns": _positive,
    }
    values = {
        option: readers[option](word, given[word])
        for option in kind.options
        for word in _WORDS[option]
        if word in given
    }
    return FaultOptions(**values)  # type: ignore[arg-type]


def _flag(_word: str, _value: str) -> bool:
    return True


def _duration(word: str, value: str) -> int:
    try:
        duration_ns = parse_duration(value)
    except ValueError as error:
        raise ValueError(f"'{word}': {error}") from None
    if duration_ns > LONGEST_NS:
        raise ValueError(f"'{word}': a script is at most {format_duration(LONGEST_NS)} long")
    return duration_ns


def _positive(word: str, value: str) -> int:
    duration_ns = _duration(word, value)
    if not duration_ns:
        raise ValueError(f"'{word}' must be longer than 0s")
    return duration_ns


def _number(word: str, value: str) -> float:
    try:
        return float(value)
    except ValueError:
        raise ValueError(f"'{word}' needs a number, such as 10, not '{value}'") from None


def _probability(word: str, value: str) -> float:
    digits, share = (value[:-1], 100.0) if value.endswith("%") else (value, 1.0)
    try:
        p = float(digits) / share
    except ValueError:
        p = -1.0
    if not 0 < p <= 1:
        raise ValueError(f"'{word}' needs a probability, such as 30% or 0.3, not '{value}'")
    return p
