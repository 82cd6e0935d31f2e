"""What a design file says: hosts, services, placement, timers, in the real systems' own words."""

from experiments.design.spec import DesignSpec

__all__ = ["DesignSpec"]
