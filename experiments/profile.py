"""What a profile file says: which faults strike what and how often, and who repairs them."""

from __future__ import annotations

from typing import Annotated, ClassVar, Final, Literal

from pydantic import Field, model_validator

from models.effects import FAULT_KINDS, check_options
from models.fault_options import FaultOptions
from models.spec import (
    AtPath,
    Duration,
    LawField,
    Name,
    PositiveDuration,
    Probability,
    StrictModel,
    YesNo,
)

Selector = Literal[
    "hosts",
    "redis",
    "sentinels",
    "consul-agents",
    "applications",
    "site-paths",
    "redis-hosts",
    "mysql",
    "mysqlfailover",
    "consul-templates",
    "dnsmasqs",
    "busy-hosts",
    "names-hosts",
    "stores",
]

_SHORTEST_MEAN_S: Final = 1.0

_KEYS: Final = {
    "added_fsync_ns": "fsync",
    "added_delay_ns": "delay",
    "p_loss": "p-loss",
    "one_way": "one-way",
}
"""The keys of a profile for the options of the table of effects that are called otherwise there."""

RESERVED_CAUSES: Final = {
    "aftermath": "what begins without any fault at work",
    "planned-swap": "what planned swaps begin",
}
"""What results charge to no fault of the profile."""

# A host, a process (redis@a01), or a pair of hosts or sites (east-west).
TargetName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.@-]*$", max_length=200)]


class FaultSpec(StrictModel):
    """A kind of fault, the targets that it strikes, and its laws.

    ``every`` is the time from the end of one fault to the start of the next, for each target
    (``together: yes``: for all of them at once, a common cause). ``at_boot`` instead is the
    probability with which each boot of the host (that is the target, or on which it runs) brings
    the fault. It lasts for a draw of ``lasts``, or until the crew has repaired it (``repaired-by:
    crew``). ``noticed`` is for latent faults: the crew is paged at once, or, if nothing is said,
    when the process that was promoted does not serve. ``fix`` is how long the crew's repair of
    this fault takes, if not ``people.fix``. ``source`` says where the numbers come from, or that
    they are assumed.
    """

    kind: ClassVar[str] = "fault"
    fault: Literal[
        "kill",
        "restart",
        "down",
        "hang",
        "slow",
        "disk-stall",
        "isolate",
        "cut",
        "loss",
        "delay",
        "starve",
        "detour",
        "resolv-conf",
        "latent",
        "logins",
    ]
    on: Selector | tuple[TargetName, ...]
    together: YesNo = False
    every: LawField | None = None
    at_boot: Probability | None = None
    lasts: LawField | None = None
    repaired_by: Literal["crew"] | None = None
    fix: LawField | None = None
    noticed: Literal["at-once", "when-used"] | None = None
    refuse: YesNo = False
    direction: Literal["inbound", "outbound"] | None = None
    one_way: YesNo = False
    factor: float | None = Field(default=None, ge=1)
    fsync: PositiveDuration | None = None
    p_loss: Probability | None = None
    delay: Duration | None = None
    source: str = Field(min_length=1)

    @property
    def options(self) -> FaultOptions:
        """The options, as the table of effects takes them."""
        return FaultOptions(
            refuse=self.refuse,
            direction=self.direction,
            one_way=self.one_way,
            factor=self.factor,
            added_fsync_ns=self.fsync,
            p_loss=self.p_loss,
            added_delay_ns=self.delay,
            noticed=self.noticed,
        )

    @model_validator(mode="after")
    def _ends(self) -> FaultSpec:
        try:
            check_options(self.fault, self.options)
        except ValueError as error:
            raise AtPath(("fault",), _in_keys(str(error))) from None
        duration = FAULT_KINDS[self.fault].duration
        if duration == "at once" and (self.lasts or self.repaired_by):
            raise AtPath(("lasts",), f"'{self.fault}' is over at once; a supervisor may follow it")
        if duration != "at once" and bool(self.lasts) == bool(self.repaired_by):
            raise AtPath(("fault",), f"'{self.fault}' needs either lasts or repaired-by: crew")
        if self.noticed is not None and self.repaired_by is None:
            raise AtPath(("noticed",), "'noticed' pages a crew, and this fault has none")
        if self.fix is not None and self.repaired_by is None:
            raise AtPath(("fix",), "'fix' is a crew's time, and no crew repairs this fault")
        return self

    @model_validator(mode="after")
    def _begins(self) -> FaultSpec:
        if (self.every is None) == (self.at_boot is None):
            raise AtPath(("fault",), f"'{self.fault}' needs either every or at-boot")
        if self.every is not None and self.every.mean_s < _SHORTEST_MEAN_S:
            raise AtPath(("every",), "a fault more often than once a second would never let it run")
        if self.at_boot is not None:
            self._boots()
        return self

    def _boots(self) -> None:
        kind = FAULT_KINDS[self.fault]
        if kind.duration == "at once":
            raise AtPath(("at-boot",), f"'{self.fault}' is over before anything runs again")
        if self.on == "site-paths" or tuple(kind.rows) == ("pair",):
            raise AtPath(("at-boot",), f"'{self.fault}' strikes paths here, which never boot")
        if self.together:
            raise AtPath(("together",), "each host boots by itself; 'at-boot' strikes it alone")


class PeopleSpec(StrictModel):
    """The crew: how many, and how long to acknowledge a page, and then to put things right.

    ``fix``: to repair a machine. ``restart``: to restart a program, or clients that are stuck.
    ``manual-failover``: to find out who should be master, and to make it so: where a stand-by is
    promoted by hand, and where two masters are there.
    """

    kind: ClassVar[str] = "people"
    crew: int = Field(ge=1)
    acknowledge: LawField
    fix: LawField
    restart: LawField
    manual_failover: LawField
    source: str = Field(min_length=1)


class ProfileSpec(StrictModel):
    """A profile: faults by name (the *cause* in results), and people."""

    kind: ClassVar[str] = "profile"
    title: str
    description: str = ""
    faults: dict[Name, FaultSpec] = Field(default={})
    people: PeopleSpec | None = None

    @model_validator(mode="after")
    def _causes_are_free(self) -> ProfileSpec:
        for name in self.faults:
            if name in RESERVED_CAUSES:
                raise AtPath(
                    ("faults", name),
                    f"a fault cannot be called '{name}': so results call {RESERVED_CAUSES[name]}",
                )
        return self

    @model_validator(mode="after")
    def _somebody_repairs(self) -> ProfileSpec:
        for name, fault in self.faults.items():
            if fault.repaired_by == "crew" and self.people is None:
                raise AtPath(
                    ("faults", name, "repaired-by"), "repaired-by: crew needs a people block"
                )
        return self


def _in_keys(text: str) -> str:
    """An error of the table of effects in the words that the file has."""
    for name, key in _KEYS.items():
        text = text.replace(name, key)
    return text
