"""What the writer of a broken YAML file reads: one line, with the place and a way out."""

from __future__ import annotations

import json
import os
from pathlib import Path

import jsonschema  # type: ignore[import-untyped]
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from experiments.loading import SpecError, json_schema, load_spec, parse_spec
from experiments.loading.document import MAX_BYTES, parse_document
from sim.clock import NS_PER_S
from sim.laws import law_from_mapping
from tests.cli.example_design import HEAD, Design
from tests.cli.wrong_documents import WRONG_DOCUMENTS
from tests.cli.wrong_specs import WRONG_SPECS

CASES = WRONG_SPECS + WRONG_DOCUMENTS


def error_of(path: Path) -> SpecError:
    """The error of loading a file that must not load."""
    with pytest.raises(SpecError) as caught:
        load_spec(path, Design)
    return caught.value


@pytest.mark.parametrize(("text", "expected"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_error_of_a_broken_document(text: str, expected: str) -> None:
    """A writer would get a wrong place, a traceback or pydantic's jargon for this mistake."""
    with pytest.raises(SpecError) as caught:
        parse_spec(text, "d.yaml", Design)
    message = str(caught.value)
    separator = "" if expected[0].isdigit() else " "
    assert message == f"d.yaml:{separator}{expected}"
    assert "\n" not in message
    assert "pydantic" not in message.lower()
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("law", [{"law": "weibul", "mean": "4h"}, {"law": "fixed", "value": 4}])
def test_error_of_a_law(law: dict[str, object]) -> None:
    """What is wrong with a law, which only sim.laws knows, would not reach the writer."""
    with pytest.raises(ValueError, match=r".") as reason:
        law_from_mapping(law)
    text = f"{HEAD}    disk:\n      size-gb: 1\n      failures: {json.dumps(law)}\n"
    with pytest.raises(SpecError) as caught:
        parse_spec(text, "d.yaml", Design)
    assert str(caught.value) == f"d.yaml:6:7: 'failures' in disk of host 'a01': {reason.value}"


def test_a_sound_document_is_read() -> None:
    """The reader would refuse, or misread, the very file that the documentation shows."""
    text = HEAD + (
        "    disk: {size-gb: 4, failures: {law: exponential, mean: 4h}}\n"
        "sentinels:\n"
        "  foo: {quorum: 2, down-after-milliseconds: 5s, appendonly: yes, master: a01}\n"
        "checks:\n"
        "  - {type: tcp, port: 6379}\n"
        "load: {writes: 100/s, faults: 1/30d, p-lost: 50%}\n"
    )
    design = parse_spec(text, "d.yaml", Design)
    sentinel = design.sentinels["foo"]
    assert sentinel.down_after_milliseconds == 5 * NS_PER_S
    assert sentinel.appendonly is True
    assert design.load.faults == pytest.approx(365.25 / 30)
    assert design.load.p_lost == 0.5
    assert design.hosts[0].disk is not None
    assert design.hosts[0].disk.failures is not None
    assert design.hosts[0].disk.failures.mean_s == 4 * 3600


def test_aliases_within_the_limits_are_read() -> None:
    """An honest file that writes a block once and uses it twice would be refused."""
    text = HEAD + "sentinels:\n  foo: &s {quorum: 2}\n  bar: *s\n"
    design = parse_spec(text, "d.yaml", Design)
    assert design.sentinels["foo"] == design.sentinels["bar"]


def test_error_inside_an_alias_points_at_the_anchor() -> None:
    """A fault in a block used twice would be looked for where nothing is written."""
    text = HEAD + "sentinels:\n  foo: &s\n    quorum: x\n  bar: *s\n"
    with pytest.raises(SpecError, match=r"^d\.yaml:6:13: 'quorum' in sentinel 'foo'"):
        parse_spec(text, "d.yaml", Design)


def test_old_yaml_words_stay_text() -> None:
    """A note saying `no`, a time or a date would silently become false, a number, an object."""
    for word in ("no", "12:30:00", "2015-06-01", "1_000", "0x"):
        assert parse_spec(f"{HEAD}note: {word}\n", "d.yaml", Design).note == word


def test_line_numbers_with_windows_line_ends_and_byte_order_mark(tmp_path: Path) -> None:
    """A file saved by a Windows editor would be refused, or its errors be lines off."""
    path = tmp_path / "d.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + (HEAD + "note: 3\n").replace("\n", "\r\n").encode())
    error = error_of(path)
    assert (error.line, error.column) == (4, 7)
    assert error.file == str(path)


def test_missing_file_suggests_its_neighbours(tmp_path: Path) -> None:
    """A mistyped file name would send the user off to list the directory."""
    (tmp_path / "two-sites.yaml").write_text(HEAD)
    assert error_of(tmp_path / "two-site.yaml").message == (
        "no such file; did you mean 'two-sites.yaml'?"
    )
    assert error_of(tmp_path / "x.yaml").message == "no such file"
    assert "(and no directory " in error_of(tmp_path / "none" / "x.yaml").message


def test_what_is_not_a_regular_file_is_refused(tmp_path: Path) -> None:
    """A directory would give a traceback; a pipe would block the command for ever."""
    assert error_of(tmp_path).message == "is a directory; name one YAML file in it"
    pipe = tmp_path / "pipe.yaml"
    os.mkfifo(pipe)
    assert error_of(pipe).message == "is not a regular file"
    assert error_of(tmp_path / "a\0b").message.startswith("cannot be read: ")


def test_oversized_file_is_refused_unread(tmp_path: Path) -> None:
    """A file of a terabyte (here: without content on the disk) would be read into memory."""
    path = tmp_path / "d.yaml"
    with path.open("wb") as file:
        file.truncate(10**12)
    assert error_of(path).message == f"has 1,000,000,000,000 bytes; the limit is {MAX_BYTES:,}"


def test_file_in_another_encoding(tmp_path: Path) -> None:
    """A Latin-1 or UTF-16 file would end in a UnicodeDecodeError without a place."""
    path = tmp_path / "d.yaml"
    path.write_bytes(HEAD.encode() + "note: café\n".encode("latin-1"))
    assert str(error_of(path)) == f"{path}:4:10: byte 0xe9 is not UTF-8; save the file as UTF-8"
    path.write_bytes(HEAD.encode("utf-16"))
    assert str(error_of(path)) == f"{path}:1:1: byte 0xff is not UTF-8; save the file as UTF-8"


def test_trace_of_a_law_is_found_beside_the_file(tmp_path: Path) -> None:
    """A profile with a trace would work only from the directory that it lies in."""
    (tmp_path / "lives.csv").write_text("seconds\n10\n20\n")
    path = tmp_path / "d.yaml"
    path.write_text(f"{HEAD}    disk: {{size-gb: 1, failures: {{law: trace, file: lives.csv}}}}\n")
    disk = load_spec(path, Design).hosts[0].disk
    assert disk is not None
    assert disk.failures is not None
    assert disk.failures.mean_s == 15


YAML_PIECES = st.sampled_from(
    [*"{}[]:,-?&*!|>'\"%@`#~ \n\t\r\0\\", ": ", "- ", "a", "<<", "1e9", "\u2028", "\ud800", "---\n"]
)


@given(st.lists(st.one_of(YAML_PIECES, st.text(max_size=3)), max_size=40).map("".join))
@example("%TAG ! x\n---\n!a b")
@example('"\\U00110000"')
def test_any_text_is_read_or_refused_in_one_line(text: str) -> None:
    """Some garbage would get through as another exception, and to the user as a traceback."""
    try:
        parse_document(text, "d.yaml")
    except SpecError as error:
        assert str(error).isprintable()
        assert len(str(error)) < 600


def test_schema_accepts_what_the_loader_accepts() -> None:
    """An editor would underline sound files, or complete keys that do not exist."""
    schema = json_schema(Design)
    sentinel = schema["$defs"]["Sentinel"]
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert sentinel["additionalProperties"] is False
    duration = sentinel["properties"]["down-after-milliseconds"]
    assert duration["type"] == "string"
    assert duration["default"] == "30s"
    assert duration["examples"] == ["30s", "5min", "4h"]
    assert schema["$defs"]["Load"]["properties"]["writes"]["default"] == "1.0/s"
    document = {
        "name": "two",
        "hosts": [{"name": "a01", "disk": {"size-gb": 4, "failures": "30s"}}],
        "sentinels": {"foo": {"quorum": 2, "failover-timeout": "3min", "appendonly": "yes"}},
        "load": {"faults": "1/30d", "p-lost": "50%"},
    }
    jsonschema.validate(document, schema)
    parse_spec(json.dumps(document), "d.yaml", Design)
    with pytest.raises(jsonschema.ValidationError, match="30"):
        jsonschema.validate({**document, "load": {"faults": 30}}, schema)
