"""Malformed and hostile designs and profiles: what is changed in a sound file.

A case is (what is wrong, text to find, what to put there); the line that must be read for it is in
``wrong_files.json``. The sound files are ``sentinel-3-hosts`` and ``clean-lab`` in a shorter form.
"""

DESIGN = """\
title: Three hosts
hosts:
  a: {site: lan, boot: 30s}
  b: {site: lan, boot: 30s}
  c: {site: lan, boot: 30s}
network:
  within-site: 50us
redis:
  foo:
    master: a
    replicas: [b, c]
sentinel:
  foo:
    quorum: 2
    down-after-milliseconds: 5s
    processes: {s1: a, s2: b, s3: c}
applications:
  app:
    instances: {writer: a}
    stores:
      foo:
        resolver: fixed
        write-rate: 100/s
        connect-timeout: 1s
        read-timeout: 15s
        retry-interval: 1s
"""

PROFILE = """\
title: A laboratory
faults:
  crash:
    fault: down
    on: hosts
    every: {law: exponential, mean: 652d}
    repaired-by: crew
    source: assumed
people:
  crew: 1
  acknowledge: 4min
  fix: 75min
  restart: 3min
  manual-failover: 32min
  source: assumed
"""

BOMB = "x: &a [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n" + "".join(
    f"x{n}: &{chr(98 + n)} [{', '.join(['*' + chr(97 + n)] * 10)}]\n" for n in range(8)
)

WRONG_DESIGNS = [
    ("mistyped key", "quorum: 2", "quorom: 2"),
    ("Sentinel on an unknown host", "s3: c", "s3: d"),
    ("quorum above the Sentinels", "quorum: 2", "quorum: 4"),
    ("quorum 0", "quorum: 2", "quorum: 0"),
    ("negative quorum", "quorum: 2", "quorum: -1"),
    ("quorum as text", "quorum: 2", "quorum: two"),
    ("quorum with a fraction", "quorum: 2", "quorum: 1.5"),
    ("duration without a unit", "milliseconds: 5s", "milliseconds: '5'"),
    ("bare number for a duration", "milliseconds: 5s", "milliseconds: 5000"),
    ("unknown unit", "read-timeout: 15s", "read-timeout: 15sec"),
    ("ambiguous unit", "read-timeout: 15s", "read-timeout: 15m"),
    ("negative duration", "read-timeout: 15s", "read-timeout: -15s"),
    ("duration of nothing", "read-timeout: 15s", "read-timeout: 0s"),
    ("negative rate", "100/s", "-100/s"),
    ("rate without a unit", "100/s", "100"),
    ("rate of nothing", "100/s", "0/s"),
    ("two masters", "master: a", "master: [a, b]"),
    ("master twice", "    master: a\n", "    master: a\n    master: b\n"),
    ("master that is a replica", "replicas: [b, c]", "replicas: [a, c]"),
    ("replica twice", "replicas: [b, c]", "replicas: [b, b]"),
    ("priority of no server", "    master: a\n", "    replica-priorities: {z: 1}\n    master: a\n"),
    ("master on an unknown host", "master: a", "master: z"),
    ("application on an unknown host", "writer: a", "writer: web01"),
    ("no instance", "{writer: a}", "{}"),
    ("no master", "    master: a\n", ""),
    ("no hosts", "hosts:\n", "hosts: {}\nxhosts:\n"),
    ("no application", "applications:\n", "applicatons:\n"),
    ("unknown resolver", "resolver: fixed", "resolver: consull"),
    ("resolver without Consul", "resolver: fixed", "resolver: consul"),
    ("Sentinels of another Redis", "sentinel:\n  foo:", "sentinel:\n  bar:"),
    ("two Redis on one host", "redis:\n", "redis:\n  bar: {master: a}\n"),
    ("a store that is not there", "      foo:\n        resolver", "      bar:\n        resolver"),
    ("an application that depends on nothing", "    stores:\n", "    calls: {}\n    store:\n"),
    (
        "a call of nobody",
        "    stores:\n",
        "    calls: {bar: {resolver: consul, request-rate: 1/s}}\n    stores:\n",
    ),
    ("the C library without names", "resolver: fixed", "resolver: system"),
    ("a name that nobody looks up", "resolver: fixed", "resolver: fixed\n        lookup: foo"),
    ("names without Consul", "applications:\n", "names: {dnsmasq: {init: rhel}}\napplications:\n"),
    (
        "an init system of another time",
        "applications:\n",
        "names: {dnsmasq: {init: openrc}}\napplications:\n",
    ),
    (
        "an address without its subnet",
        "a: {site: lan, boot: 30s}",
        "a: {site: lan, boot: 30s, address: 192.0.2.1}",
    ),
    (
        "a monitor of nothing",
        "applications:\n",
        "mysqlfailover: {m: {host: a, of: db, master: a, slaves: [b]}}\napplications:\n",
    ),
    (
        "a monitor without GTID",
        "applications:\n",
        "mysql: {db: {master: a, slaves: [b]}}\n"
        "mysqlfailover: {m: {host: a, of: db, master: a, slaves: [b]}}\napplications:\n",
    ),
    (
        "too short an interval",
        "applications:\n",
        "mysql: {db: {master: a, slaves: [b], gtid-mode: yes}}\n"
        "mysqlfailover: {m: {host: a, of: db, master: a, slaves: [b], interval: 4s}}\n"
        "applications:\n",
    ),
    (
        "AFTER_SYNC before its time",
        "applications:\n",
        "mysql: {db: {version: '5.6', master: a, rpl-semi-sync-master-wait-point: AFTER_SYNC}}\n"
        "applications:\n",
    ),
    (
        "a swap of nothing",
        "applications:\n",
        "operator: {alert-after: 1min, swaps: {every: 7d, stores: [bar], takes: 30s}}\n"
        "applications:\n",
    ),
    (
        "swaps without a pause",
        "applications:\n",
        "operator: {alert-after: 1min, swaps: {every: 1ns, stores: [foo], takes: 30s}}\n"
        "applications:\n",
    ),
    ("a network slower than mail", "within-site: 50us", "within-site: 100y"),
    ("a disk that never writes", "b: {site: lan", "b: {site: lan, fsync: 1h"),
    ("sites without a path", "b: {site: lan", "b: {site: wan"),
    ("unknown law", "a: {site: lan, boot: 30s}", "a: {site: lan, boot: {law: weibul, mean: 4h}}"),
    ("law without a parameter", "a: {site: lan, boot: 30s}", "a: {site: lan, boot: {law: gamma}}"),
    ("wrong version", "quorum: 2", "quorum: 2\n    version: '2016'"),
    ("version as a number", "quorum: 2", "quorum: 2\n    version: 2015"),
    ("host without a boot time", "c: {site: lan, boot: 30s}", "c: {site: lan}"),
    ("host with a strange name", "  c: {site", "  c d: {site"),
    (
        "patience that is no duration",
        "applications:\n",
        "operator: {alert-after: soon}\napplications:\n",
    ),
    ("infinite number", "quorum: 2", "quorum: .inf"),
    ("huge number", "quorum: 2", "quorum: 99999999999999999999"),
    ("a list at the top", DESIGN, "- a\n- b\n"),
    ("an empty file", DESIGN, ""),
    ("a tab", "  foo:\n    quorum", "\tfoo:\n    quorum"),
    ("an unclosed bracket", "[b, c]", "[b, c"),
    ("an unclosed quote", "title: Three hosts", 'title: "Three hosts'),
    ("a tag", "title: Three hosts", "title: !!python/object:os.system x"),
    ("a bomb of aliases", "title: Three hosts\n", "title: Three hosts\n" + BOMB),
    ("deep nesting", "title: Three hosts", "title: " + "[" * 500 + "]" * 500),
    ("two documents", "applications:\n", "---\napplications:\n"),
    ("a control character", "title: Three hosts", "title: \x1b[31mred"),
]

WRONG_PROFILES = [
    ("unknown fault", "fault: down", "fault: dwon"),
    ("unknown selector", "on: hosts", "on: host"),
    ("fault without an end", "    repaired-by: crew\n", ""),
    ("two ends", "repaired-by: crew", "repaired-by: crew\n    lasts: 4h"),
    ("no crew", "people:\n", "peopel:\n"),
    ("crew of none", "crew: 1", "crew: 0"),
    ("no source", "    source: assumed\npeople", "people"),
    ("loss above 1", "fault: down", "fault: loss\n    p-loss: 150%"),
    ("negative mean", "mean: 652d", "mean: -652d"),
    ("a repair without a crew", "repaired-by: crew", "lasts: 4h\n    fix: 4h"),
    ("slower by less than 1", "fault: down", "fault: slow\n    factor: 0.5"),
    ("loss of nothing", "fault: down", "fault: loss"),
    ("delay of nothing", "fault: down", "fault: delay"),
    ("slow by nothing", "fault: down", "fault: slow"),
    ("starved of nothing", "fault: down", "fault: starve\n    factor: 3"),
    ("a kill that loses packets", "fault: down", "fault: kill\n    p-loss: 0.3"),
    ("a cause of what no fault begins", "  crash:", "  aftermath:"),
    ("a cause of planned swaps", "  crash:", "  planned-swap:"),
]
