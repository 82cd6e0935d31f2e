"""The kernel: time, observable state, keyed randomness, laws, faults, network, trace, metering."""
