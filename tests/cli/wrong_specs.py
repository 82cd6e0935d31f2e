"""Documents that are sound YAML and no sound design, each with the error to be read.

A case is (what is wrong, the document, the error without the file's name).
"""

from __future__ import annotations

from tests.cli.example_design import HEAD

WRONG_SPECS = [
    (
        "unknown key",
        HEAD + "sentinels:\n  foo:\n    quorom: 2\n",
        "6:5: unknown key 'quorom' in sentinel 'foo'; did you mean 'quorum'?",
    ),
    (
        "unknown key without a near one",
        HEAD + "    colour: red\n",
        "4:5: unknown key 'colour' in host 'a01'; the keys here are name, site, disk, weights",
    ),
    (
        "unknown key at the top",
        HEAD + "sentinel: {}\n",
        "4:1: unknown key 'sentinel' in design 'two'; did you mean 'sentinels'?",
    ),
    (
        "Python's name of a key",
        HEAD + "sentinels:\n  foo: {quorum: 2, down_after_milliseconds: 3s}\n",
        "5:20: unknown key 'down_after_milliseconds' in sentinel 'foo'; did you mean "
        "'down-after-milliseconds'?",
    ),
    (
        "unknown key in an unnamed group",
        HEAD + "load:\n  write: 3/s\n",
        "5:3: unknown key 'write' in 'load' in design 'two'; did you mean 'writes'?",
    ),
    (
        "missing key",
        HEAD + "sentinels:\n  foo:\n    appendonly: yes\n",
        "5:3: missing key 'quorum' in sentinel 'foo'",
    ),
    ("missing key at the top", "hosts:\n  - name: a01\n", "1:1: missing key 'name' in design"),
    (
        "missing key in a list item",
        HEAD + "  - site: west\n",
        "4:5: missing key 'name' in hosts[1]",
    ),
    (
        "missing key in a nested mapping",
        HEAD + "    disk: {}\n",
        "4:5: missing key 'size-gb' in disk of host 'a01'",
    ),
    (
        "duplicate key",
        HEAD + "note: a\nname: b\n",
        "5:1: key 'name' is there twice, first on line 1",
    ),
    (
        "duplicate key in a flow mapping",
        HEAD + "sentinels: {foo: {quorum: 1, quorum: 2}}\n",
        "4:30: key 'quorum' is there twice, first on line 4",
    ),
    ("number as a key", HEAD + "3: x\n", "4:1: key 3 must be text; write it in quotes"),
    (
        "true as a key",
        HEAD + "sentinels: {true: {quorum: 1}}\n",
        "4:13: key true must be text; write it in quotes",
    ),
    ("nothing as a key", HEAD + "~: x\n", "4:1: key nothing must be text; write it in quotes"),
    (
        "list as a key",
        HEAD + "? [a, b]\n: x\n",
        "4:3: a key must be text, not a list or mapping; put { } in quotes",
    ),
    (
        "template braces as a value's key",
        HEAD + "note: {{ site }}\n",
        "4:8: a key must be text, not a list or mapping; put { } in quotes",
    ),
    (
        "merge key",
        HEAD + "load: &l {writes: 1/s}\nnote: x\nsentinels:\n  <<: *l\n",
        "7:3: merge keys (<<) are not supported; write the keys out",
    ),
    (
        "bad name as a key",
        HEAD + "sentinels:\n  'b b': {quorum: 1}\n",
        "5:3: 'sentinels' in design 'two': 'b b' is not a name; a name is made of "
        "letters, digits and _ . - (a letter or digit first)",
    ),
    (
        "bare number for a duration",
        HEAD + "sentinels:\n  foo:\n    quorum: 2\n    down-after-milliseconds: 30\n",
        "7:30: 'down-after-milliseconds' in sentinel 'foo': expected a duration such as "
        "30s, got 30; add a unit: 30s, 30ms or 30min",
    ),
    (
        "unknown unit",
        HEAD + "sentinels:\n  foo: {quorum: 2, down-after-milliseconds: 30sec}\n",
        "5:45: 'down-after-milliseconds' in sentinel 'foo': \"30sec\": unknown unit \"sec\"; "
        "did you mean 30s?",
    ),
    (
        "ambiguous unit",
        HEAD + "sentinels:\n  foo: {quorum: 2, failover-timeout: 3m}\n",
        "5:38: 'failover-timeout' in sentinel 'foo': \"3m\": the unit \"m\" is ambiguous; "
        "write 3min or 3ms",
    ),
    (
        "zero for a positive duration",
        HEAD + "sentinels:\n  foo: {quorum: 2, down-after-milliseconds: 0s}\n",
        "5:45: 'down-after-milliseconds' in sentinel 'foo': must be longer than 0s",
    ),
    (
        "duration beyond 64 bits",
        HEAD + "sentinels:\n  foo: {quorum: 2, failover-timeout: 300y}\n",
        "5:38: 'failover-timeout' in sentinel 'foo': a duration is at most 292y",
    ),
    (
        "list for a duration",
        HEAD + "sentinels:\n  foo: {quorum: 2, failover-timeout: [3s]}\n",
        "5:20: 'failover-timeout' in sentinel 'foo': expected a duration such as 30s, got a list",
    ),
    (
        "text for a whole number",
        HEAD + "sentinels:\n  foo: {quorum: two}\n",
        "5:17: 'quorum' in sentinel 'foo': expected a whole number, got 'two'",
    ),
    (
        "quoted number for a whole number",
        HEAD + "sentinels:\n  foo: {quorum: '2'}\n",
        "5:17: 'quorum' in sentinel 'foo': expected a whole number, got '2'",
    ),
    (
        "fraction for a whole number",
        HEAD + "sentinels:\n  foo: {quorum: 2.0}\n",
        "5:17: 'quorum' in sentinel 'foo': expected a whole number, got 2.0",
    ),
    (
        "true for a whole number",
        HEAD + "sentinels:\n  foo: {quorum: true}\n",
        "5:17: 'quorum' in sentinel 'foo': expected a whole number, got true",
    ),
    (
        "nothing for a whole number",
        HEAD + "sentinels:\n  foo:\n    quorum:\n",
        "6:5: 'quorum' in sentinel 'foo': expected a whole number, got nothing",
    ),
    (
        "too small",
        HEAD + "sentinels:\n  foo: {quorum: 0}\n",
        "5:17: 'quorum' in sentinel 'foo': must be more than 0, got 0",
    ),
    (
        "too large",
        HEAD + "    disk: {size-gb: 1001}\n",
        "4:21: 'size-gb' in disk of host 'a01': must be 1000 or less, got 1001",
    ),
    (
        "not in the list",
        HEAD + "    site: esat\n",
        "4:11: 'site' in host 'a01': expected one of east, west; got 'esat'; did you mean 'east'?",
    ),
    (
        "number for a name",
        "name: 2\nhosts: [{name: a01}]\n",
        "1:7: 'name' in design '2': expected a name, got 2; write it in quotes",
    ),
    (
        "number for text",
        HEAD + "note: 3\n",
        "4:7: 'note' in design 'two': expected text, got 3; write it in quotes",
    ),
    (
        "yes for true",
        HEAD + "verbose: yes\n",
        "4:10: 'verbose' in design 'two': expected true or false, got 'yes'",
    ),
    (
        "on for yes",
        HEAD + "sentinels:\n  foo: {quorum: 1, appendonly: on}\n",
        "5:32: 'appendonly' in sentinel 'foo': expected yes or no, got 'on'",
    ),
    (
        "text for a mapping",
        HEAD + "sentinels:\n  foo: 3\n",
        "5:8: 'sentinels.foo' in design 'two': expected a mapping (key: value), got 3",
    ),
    (
        "list for a mapping",
        HEAD + "sentinels:\n  - foo\n",
        "4:1: 'sentinels' in design 'two': expected a mapping (key: value), got a list",
    ),
    (
        "mapping for a list",
        "name: two\nhosts:\n  a01: {}\n",
        "2:1: 'hosts' in design 'two': expected a list, got a mapping",
    ),
    (
        "empty list",
        "name: two\nhosts: []\n",
        "2:1: 'hosts' in design 'two': needs at least 1 item, got 0",
    ),
    (
        "wrong item in a nested list",
        HEAD + "    weights: [[1, 2], [3, x]]\n",
        "4:27: 'weights[1][1]' in host 'a01': expected a whole number, got 'x'",
    ),
    (
        "missing item of a pair",
        HEAD + "pair: [1]\n",
        "4:1: 'pair' in design 'two': missing item [1]",
    ),
    (
        "bare number for a rate",
        HEAD + "load: {faults: 12}\n",
        "4:16: 'load.faults' in design 'two': expected a rate such as 12/y, got 12; add "
        "a unit: 12/y or 12/d",
    ),
    (
        "negative rate",
        HEAD + "load: {faults: -1/y}\n",
        "4:16: 'load.faults' in design 'two': a rate is 0 or more, got '-1/y'",
    ),
    (
        "rate per nothing",
        HEAD + "load: {writes: 3/0s}\n",
        "4:16: 'load.writes' in design 'two': '3/0s': the time after / must be longer than 0",
    ),
    (
        "bare number for a rate per second",
        HEAD + "load: {writes: 100}\n",
        "4:16: 'load.writes' in design 'two': expected a rate such as 100/s, got 100; "
        "add a unit: 100/s or 100/min",
    ),
    (
        "probability above 1",
        HEAD + "load: {p-lost: 50}\n",
        "4:16: 'load.p-lost' in design 'two': a probability is between 0 and 1 (0% and "
        "100%), got 50",
    ),
    (
        "text for a probability",
        HEAD + "load: {p-lost: '0.5'}\n",
        "4:16: 'load.p-lost' in design 'two': expected a probability such as 0.5 or 50%, got '0.5'",
    ),
    (
        "number for a law",
        HEAD + "    disk: {size-gb: 1, failures: 30}\n",
        "4:34: 'failures' in disk of host 'a01': expected a law or a duration such as "
        "30s, got 30; add a unit: 30s, 30ms or 30min",
    ),
    (
        "text too long",
        HEAD + "checks:\n  - {type: shell, command: aaaaaaaaaaaaaaaaaaaaaaaaaa}\n",
        "5:28: 'command' in checks[0]: needs at most 20 characters, got 26",
    ),
    (
        "unknown kind of a union",
        HEAD + "checks:\n  - type: shel\n",
        "5:11: 'type' in checks[0]: expected one of shell, tcp; got 'shel'; did you mean 'shell'?",
    ),
    (
        "missing kind of a union",
        HEAD + "checks:\n  - {type: shell, command: a}\n  - port: 3\n",
        "6:5: missing key 'type' in checks[1]",
    ),
    (
        "fault inside a union",
        HEAD + "checks:\n  - type: tcp\n    port: 70000\n",
        "6:11: 'port' in checks[0]: must be less than 65536, got 70000",
    ),
    (
        "cross-field check",
        HEAD + "sentinels:\n  foo:\n    quorum: 1\n    master: b01\n",
        "7:13: sentinel 'foo' watches 'b01', which is no host",
    ),
    (
        "several faults",
        HEAD
        + "    site: north\nsentinels:\n  foo: {quorum: x}\n  bar: {quorum: 0, appendonly: 3}\n",
        "4:11: 'site' in host 'a01': expected one of east, west; got 'north' (and 3 more)",
    ),
]
