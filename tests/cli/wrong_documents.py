"""Malformed and hostile documents, each with the error to be read.

A case is (what is wrong, the document, the error without the file's name).
"""

from __future__ import annotations

from tests.cli.example_design import HEAD

WRONG_DOCUMENTS = [
    ("infinity", HEAD + "load: {p-lost: .inf}\n", "4:16: .inf is not a finite number"),
    ("not a number", HEAD + "load: {p-lost: .nan}\n", "4:16: .nan is not a finite number"),
    (
        "overflowing float",
        HEAD + "load: {p-lost: 1e999}\n",
        "4:16: 1e999 is too large for a number",
    ),
    (
        "huge integer",
        HEAD + "sentinels:\n  foo: {quorum: " + "9" * 5000 + "}\n",
        "5:17: a whole number of 5,000 digits is too large (limit 2^63 - 1)",
    ),
    (
        "integer beyond 64 bits",
        HEAD + "sentinels:\n  foo: {quorum: 9223372036854775808}\n",
        "5:17: a whole number of 19 digits is too large (limit 2^63 - 1)",
    ),
    (
        "leading zero",
        HEAD + "sentinels:\n  foo: {quorum: 010}\n",
        "5:17: number 010 begins with 0; write 10, or quote it if it is text",
    ),
    ("NUL escape", HEAD + 'note: "a\\0b"\n', "4:7: character U+0000 is not allowed in text"),
    (
        "half a surrogate pair",
        HEAD + 'note: "\\ud800"\n',
        "4:7: character U+D800 is not allowed in text",
    ),
    (
        "terminal codes in a name",
        HEAD + 'sentinels: {foo: {quorum: 1, master: "a\\e[31m"}}\n',
        "4:38: character U+001B is not allowed in text",
    ),
    (
        "tab",
        "name: two\nhosts:\n\t- name: a01\n",
        "3:1: a tab is not allowed here; indent with spaces",
    ),
    (
        "colon in a value",
        "name: two\nnote: see: there\n",
        "2:10: a ':' is not allowed here; check the indentation and the line above, and "
        "quote text that contains ': '",
    ),
    ("missing colon", "name: two\nhosts\n  - name: a01\n", "3:9: expected ':' after the key"),
    (
        "key without a space",
        "name:two\nhosts: []\n",
        "2:6: a ':' is not allowed here; check the indentation and the line above, and "
        "quote text that contains ': '",
    ),
    (
        "wrong indentation",
        HEAD + " note: x\n",
        "4:2: not valid here; check the indentation, and quote text that holds special characters",
    ),
    (
        "indentation less than the first line's",
        "  name: two\nhosts: []\n",
        "2:1: not valid here; check the indentation, and quote text that holds special characters",
    ),
    ("unclosed quote", 'name: "two\nhosts: []\n', "1:7: this quote is never closed"),
    (
        "unclosed bracket",
        "name: two\nhosts: [{name: a01}\nnote: x\n",
        "2:8: this [ is not closed where it should be, before 3:1",
    ),
    (
        "unclosed brace",
        "name: two\nload: {writes: 1/s\n",
        "2:7: this { is not closed where it should be, before 3:1",
    ),
    (
        "stray bracket",
        "name: ]\n",
        "1:7: not valid here; check the indentation, and quote text that holds special characters",
    ),
    (
        "value beginning with @",
        "name: @two\n",
        "1:7: a value cannot begin with @; write it in quotes",
    ),
    (
        "value beginning with %",
        "name: two\nnote: %x\n",
        "2:7: a value cannot begin with %; write it in quotes",
    ),
    (
        "text after a quote",
        "name: 'two' three\n",
        "1:13: not valid here; check the indentation, and quote text that holds special characters",
    ),
    ("bad escape", 'name: "\\q"\n', "1:9: not valid YAML: found unknown escape character 'q'"),
    (
        "escape beyond Unicode",
        'name: "\\UFFFFFFFF"\n',
        "1:1: not valid YAML after this: \\U has the number of no character",
    ),
    (
        "escape just beyond Unicode",
        'name: "\\U00110000"\n',
        "1:1: not valid YAML after this: \\U has the number of no character",
    ),
    ("undefined alias", "name: *two\n", "1:7: alias '*two' has no anchor '&two' before it"),
    ("NUL", "name: t\x00wo\n", "1:8: character U+0000 is not allowed in a file"),
    (
        "escape character",
        "name: two\nnote: \x1b[31m\n",
        "2:7: character U+001B is not allowed in a file",
    ),
    ("empty", "", "1:1: the file is empty"),
    ("only a comment", "# nothing\n", "1:1: the file is empty"),
    ("only a marker", "---\n", "1:1: the file is empty"),
    ("null", "null\n", "1:1: the file is empty"),
    ("list at the top", "- name: two\n", "1:1: expected 'key: value' at the top level, got a list"),
    ("text at the top", "hello\n", "1:1: expected 'key: value' at the top level, got 'hello'"),
    (
        "two documents",
        "name: two\n---\nname: three\n",
        "2:1: a second document begins here; a spec file holds one",
    ),
    ("directive", "%YAML 1.1\n---\nname: two\n", "2:1: YAML directives (%) are not allowed"),
    (
        "Python object",
        "name: !!python/object/apply:os.system ['true']\n",
        "1:7: tag '!!python/object/apply:os.system' is not allowed",
    ),
    (
        "Python name as a mapping",
        "!!python/object:os.x {a: 1}\n",
        "1:1: tag '!!python/object:os.x' is not allowed",
    ),
    ("local tag", "name: !secret x\n", "1:7: tag '!secret' is not allowed"),
    ("core tag", "name: !!int '3'\n", "1:7: tag '!!int' is not allowed"),
    (
        "self-containing list",
        "name: two\nhosts: &h [*h]\n",
        "2:12: alias '*h' has no anchor '&h' before it",
    ),
    (
        "billion laughs",
        (
            "a0: &a0 [x,x,x,x,x,x,x,x,x]\n"
            + "".join(f"a{i}: &a{i} [{','.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 10))
        ),
        "5:14: more than 20,000 values, aliases written out",
    ),
    (
        "long text in many aliases",
        "a: &a " + "x" * 10_000 + "\nb: [" + ",".join(["*a"] * 200) + "]\n",
        "2:299: more than 1,000,000 characters, aliases written out",
    ),
    (
        "depth by aliases",
        "".join(f"a{i}: &a{i} [{f'*a{i - 1}' if i else 'x'}]\n" for i in range(30)),
        "19:12: nested more than 20 deep by alias '*a17'",
    ),
    ("deep brackets", "a: " + "[" * 100_000 + "\n", "1:23: nested more than 20 deep"),
    ("deep braces", "a: " + "{a: " * 50_000 + "\n", "1:77: nested more than 20 deep"),
    ("deep dashes", "- " * 100_000 + "\n", "1:41: nested more than 20 deep"),
    (
        "deep indentation",
        "".join(" " * i + "a:\n" for i in range(40)),
        "20:20: nested more than 20 deep",
    ),
    (
        "many values",
        "a: [" + "1," * 30_000 + "]\n",
        "1:39999: more than 20,000 values, aliases written out",
    ),
    (
        "many keys",
        "".join(f"k{i}: 1\n" for i in range(15_000)),
        "10000:8: more than 20,000 values, aliases written out",
    ),
    ("long text", "x" * 1_000_001, "has 1,000,001 characters; the limit is 1,000,000"),
]
