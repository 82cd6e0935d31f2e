"""The house rules that no linter has, checked by reading our own source (after TigerBeetle's tidy).

A rule is a function from parsed source files to complaints. Every rule runs twice: over the
repository, where it must have nothing to say, and over small bad and good snippets at the end of
this file, so that a rule which has stopped biting is noticed.
"""

import ast
import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("sim", "models", "experiments")
TEXT_FOLDERS = (*ROOMS, "tests", "docs", "notebooks")
TEXT_SUFFIXES = {".py", ".md", ".yaml", ".toml", ".ipynb"}

LONGEST_FUNCTION = 60
LONGEST_MODULE = 400
FEWEST_DOCSTRING_WORDS = 4
BANNED_NAMES = {"util", "utils", "helper", "helpers", "common", "misc", "manager", "managers"}
RANDOM_ROOM = "sim/streams.py"
TIMELESS_ROOMS = ("sim/", "models/")

UNIT = re.compile(
    r"(^p_.*|(^|.*_)(s|ms|us|ns|seconds|milliseconds|minutes|hours|days|years|bytes|share|ratio"
    r"|factor|per_(ns|ms|s|min|minute|hour|day|year)))$"
)
WITHOUT_UNIT = {
    "shape": "Weibull and gamma shapes are pure numbers",
    "log_sd": "the deviation of a logarithm is a pure number",
    "weight": "a share before it is normalised",
    "confidence": "a probability under the name that statistics gives it",
    "availability": "a share under the name that the field gives it",
    "estimate": "an interval has the unit of its metric, which it names",
    "low": "as estimate",
    "standard_error": "as estimate",
    "z": "a number of standard errors",
    "effective": "a count of incidents, as statistics calls it",
    "high": "as estimate",
    "writes_lost": "a count of writes; the name says so",
    "writes_lost_before": "as writes_lost",
}

# Projects whose own trackers may be cited, with the name just before: "redis issue 12865".
UPSTREAM = re.compile(
    r"redis|valkey|sentinel|redis-py|jedis|mysql|mysqlfailover|mariadb|consul|consul-template|serf"
    r"|memberlist|raft|dnsmasq|glibc|linux|jepsen|simpy|numpy|pandas|scipy|pydantic"
)
ISSUE = re.compile(r"\bissue\s*#?\d+", re.IGNORECASE)
LEFT_OVER = re.compile(r"\b(TODO|FIXME|XXX)\b")

Function = ast.FunctionDef | ast.AsyncFunctionDef
FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True)
class Source:
    path: str
    text: str

    @property
    def tree(self) -> ast.Module:
        return _parse(self.text)

    def at(self, node: ast.AST, complaint: str) -> str:
        return f"{self.path}:{getattr(node, 'lineno', 1)} {complaint}"

    def matches(self, pattern: re.Pattern[str]) -> Iterator[tuple[int, re.Match[str]]]:
        for match in pattern.finditer(self.text):
            yield self.text.count("\n", 0, match.start()) + 1, match


Rule = Callable[[Sequence[Source]], Iterator[str]]


@cache
def _parse(text: str) -> ast.Module:
    return ast.parse(text)


def _text_of(file: Path) -> str:
    text = file.read_text(encoding="utf-8")
    if file.suffix != ".ipynb":
        return text
    return "\n".join("".join(cell["source"]) for cell in json.loads(text)["cells"])


@cache
def repository(*, text: bool = False) -> tuple[Source, ...]:
    """The modules of the three rooms, or everything that people read, without this very file."""
    folders = TEXT_FOLDERS if text else ROOMS
    suffixes = TEXT_SUFFIXES if text else {".py"}
    files = [file for folder in folders for file in (ROOT / folder).rglob("*")]
    files += [*ROOT.glob("*.md"), *ROOT.glob("*.toml"), ROOT / "Makefile"] if text else []
    kept = (
        file
        for file in sorted(files)
        if (file.suffix in suffixes or file.name == "Makefile")
        and file != Path(__file__)
        and ".ipynb_checkpoints" not in file.parts
    )
    return tuple(Source(file.relative_to(ROOT).as_posix(), _text_of(file)) for file in kept)


# ------------------------------------------------------------------ reading classes


def _last_name(node: ast.expr) -> str:
    """`b` of `b`, `a.b`, `b(...)` and `b[...]`; empty for anything else."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Call(func=inner) | ast.Subscript(value=inner):
            return _last_name(inner)
    return ""


def _classes(sources: Sequence[Source]) -> Iterator[tuple[Source, ast.ClassDef]]:
    for source in sources:
        for node in ast.walk(source.tree):
            if isinstance(node, ast.ClassDef):
                yield source, node


def _ancestors(sources: Sequence[Source]) -> dict[str, set[str]]:
    """Names of all the bases of each class, near and far, as far as our own source tells."""
    near = {cls.name: {_last_name(base) for base in cls.bases} for _, cls in _classes(sources)}
    far: dict[str, set[str]] = {}
    for name, bases in near.items():
        found: set[str] = set()
        todo = set(bases)
        while todo:
            base = todo.pop()
            if base not in found:
                found.add(base)
                todo |= near.get(base, set())
        far[name] = found
    return far


def _decorators(node: Function | ast.ClassDef) -> set[str]:
    return {_last_name(decorator) for decorator in node.decorator_list}


def _fields(cls: ast.ClassDef) -> Iterator[tuple[str, ast.AnnAssign]]:
    for node in cls.body:
        match node:
            case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation):
                if not name.startswith("_") and _last_name(annotation) != "ClassVar":
                    yield name, node


# ------------------------------------------------------------------ the rules


def long_functions(sources: Sequence[Source]) -> Iterator[str]:
    for source in sources:
        for node in ast.walk(source.tree):
            if isinstance(node, FUNCTION):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > LONGEST_FUNCTION:
                    yield source.at(node, f"{node.name} has {lines} lines")


def long_modules(sources: Sequence[Source]) -> Iterator[str]:
    for source in sources:
        lines = len(source.text.splitlines())
        if lines > LONGEST_MODULE:
            yield f"{source.path}:{lines} the module has {lines} lines"


def _imported(node: ast.AST) -> set[str]:
    """Dotted names that an import statement brings in, `from a import b` giving `a` and `a.b`."""
    match node:
        case ast.Import(names=names):
            return {alias.name for alias in names}
        case ast.ImportFrom(module=str(module), names=names, level=0):
            return {module} | {f"{module}.{alias.name}" for alias in names}
        case ast.Attribute():
            return {ast.unparse(node)}
    return set()


def stray_randomness(sources: Sequence[Source]) -> Iterator[str]:
    banned = re.compile(r"(random|(np|numpy)\.random)(\..*)?$")
    for source in sources:
        if source.path == RANDOM_ROOM:
            continue
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Attribute):
                found = {ast.unparse(node)} & {"np.random", "numpy.random"}
            else:
                found = {name for name in _imported(node) if banned.match(name)}
            if found:
                yield source.at(node, f"{min(found)} outside {RANDOM_ROOM}")


def wall_clock(sources: Sequence[Source]) -> Iterator[str]:
    banned = re.compile(
        r"(time\.(time|time_ns|monotonic|monotonic_ns|perf_counter|perf_counter_ns|sleep)"
        r"|(datetime\.)?(datetime\.(now|utcnow|today)|date\.today))$"
    )
    for source in sources:
        if not source.path.startswith(TIMELESS_ROOMS):
            continue
        for node in ast.walk(source.tree):
            for name in sorted(_imported(node)):
                if banned.match(name):
                    yield source.at(node, f"{name} in a room that has simulated time only")


def _documented(node: ast.Module | ast.ClassDef | Function) -> bool:
    return bool((ast.get_docstring(node) or "").strip())


def missing_docstrings(sources: Sequence[Source]) -> Iterator[str]:
    for source in sources:
        if len((ast.get_docstring(source.tree) or "").split()) < FEWEST_DOCSTRING_WORDS:
            yield source.at(source.tree, "the module does not say why it exists")
        for node in source.tree.body:
            if not isinstance(node, (*FUNCTION, ast.ClassDef)) or node.name.startswith("_"):
                continue
            if not _documented(node) and "overload" not in _decorators(node):
                yield source.at(node, f"{node.name} has no docstring")
    yield from _missing_in_methods(sources)


def _missing_in_methods(sources: Sequence[Source]) -> Iterator[str]:
    """Public methods without docstring, but for overrides: what these do, the base has said."""
    ancestors = _ancestors(sources)
    said: dict[str, set[str]] = {}
    for _, cls in _classes(sources):
        methods = (node for node in cls.body if isinstance(node, FUNCTION))
        said.setdefault(cls.name, set()).update(m.name for m in methods if _documented(m))
    for source, cls in _classes(sources):
        inherited = set().union(*(said.get(base, set()) for base in ancestors[cls.name]))
        for node in cls.body if not cls.name.startswith("_") else ():
            if not isinstance(node, FUNCTION) or node.name.startswith("_") or _documented(node):
                continue
            excused = _decorators(node) & {"overload", "override", "setter", "deleter"}
            if not excused and node.name not in inherited:
                yield source.at(node, f"{cls.name}.{node.name} has no docstring")


def unexplained_tests(sources: Sequence[Source]) -> Iterator[str]:
    for source in sources:
        if not source.path.startswith("tests/") or not source.path.endswith(".py"):
            continue
        for node in ast.walk(source.tree):
            if not isinstance(node, FUNCTION) or not node.name.startswith("test_"):
                continue
            if not _documented(node):
                yield source.at(node, f"{node.name} does not say what would be broken")


def banned_names(sources: Sequence[Source]) -> Iterator[str]:
    for source in sources:
        words = {
            word for part in Path(source.path).with_suffix("").parts for word in part.split("_")
        }
        for word in sorted(words & BANNED_NAMES):
            yield f"{source.path}:1 '{word}' says nothing about what is in it"


def _is_float(annotation: ast.expr) -> bool:
    match annotation:
        case ast.Name(id="float"):
            return True
        case ast.BinOp(left=left, right=right):
            return _is_float(left) or _is_float(right)
        case ast.Subscript(value=outer, slice=ast.Tuple(elts=[first, *_])):
            return _last_name(outer) == "Annotated" and _is_float(first)
        case ast.Subscript(value=outer, slice=inner):
            return _last_name(outer) in {"Optional", "Final"} and _is_float(inner)
    return False


def floats_without_unit(sources: Sequence[Source]) -> Iterator[str]:
    ancestors = _ancestors(sources)
    for source, cls in _classes(sources):
        specified = bool(ancestors[cls.name] & {"BaseModel", "StrictModel"})
        if cls.name.startswith("_") or not (specified or "dataclass" in _decorators(cls)):
            continue
        for name, node in _fields(cls):
            if _is_float(node.annotation) and name not in WITHOUT_UNIT and not UNIT.match(name):
                yield source.at(node, f"{cls.name}.{name} is a float without a unit in its name")


def _is_tag(node: ast.AnnAssign) -> bool:
    """A field with one possible value, which tells pydantic the kinds of a union apart."""
    match node.annotation:
        case ast.Subscript(value=outer, slice=ast.Constant()):
            return _last_name(outer) == "Literal"
    return False


def _names_read(node: ast.AST) -> Iterator[str]:
    """Attribute names read under `node`, leaving validators out: to check is not to use."""
    if isinstance(node, FUNCTION) and _decorators(node) & {"field_validator", "model_validator"}:
        return
    if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
        yield node.attr
    elif isinstance(node, ast.MatchClass):
        yield from node.kwd_attrs
    for child in ast.iter_child_nodes(node):
        yield from _names_read(child)


def unread_options(sources: Sequence[Source]) -> Iterator[str]:
    ancestors = _ancestors(sources)
    read = {name for source in sources for name in _names_read(source.tree)}
    for source, cls in _classes(sources):
        if "StrictModel" not in ancestors[cls.name] or source.path.startswith("sim/"):
            continue
        for name, node in _fields(cls):
            if name not in read and not _is_tag(node):
                yield source.at(node, f"nothing reads the option {cls.name}.{name}")


def left_overs(sources: Sequence[Source]) -> Iterator[str]:
    for source in sources:
        for line, match in source.matches(LEFT_OVER):
            yield f"{source.path}:{line} {match[0]}: do it, or write it down as a limit"


def issue_numbers(sources: Sequence[Source]) -> Iterator[str]:
    for source in sources:
        for line, match in source.matches(ISSUE):
            before = re.split(r"[\s(/`\[]+", source.text[: match.start()].rstrip())[-1].lower()
            if not UPSTREAM.fullmatch(before):
                yield f"{source.path}:{line} '{match[0]}' means nothing to a reader of this file"


# ------------------------------------------------------------------ over the repository


def assert_clean(rule: Rule, sources: Sequence[Source]) -> None:
    complaints = list(rule(sources))
    assert not complaints, "\n" + "\n".join(complaints)


@pytest.mark.parametrize("room", ROOMS)
def test_every_room_is_read(room: str) -> None:
    """If this fails, the rules below look at nothing and pass for that reason."""
    assert any(source.path.startswith(f"{room}/") for source in repository())


def test_functions_fit_on_a_screen() -> None:
    """If this fails, a function has grown beyond what can be read and tested as one thing."""
    assert_clean(long_functions, repository())


def test_modules_hold_one_idea() -> None:
    """If this fails, a file has grown beyond one idea and should be split."""
    assert_clean(long_modules, repository())


def test_randomness_comes_from_keyed_streams_only() -> None:
    """If this fails, results depend on the order of draws: pairing and resuming are broken."""
    assert_clean(stray_randomness, repository())


def test_simulated_rooms_never_read_the_wall_clock() -> None:
    """If this fails, a run may differ from machine to machine and cannot be replayed."""
    assert_clean(wall_clock, repository())


def test_public_things_are_documented() -> None:
    """If this fails, a reader has to open other files to learn what something is for."""
    assert_clean(missing_docstrings, repository())


def test_tests_say_what_they_guard() -> None:
    """If this fails, whoever breaks a test cannot tell what they broke, and may change the test."""
    assert_clean(unexplained_tests, repository(text=True))


def test_modules_are_named_after_what_is_in_them() -> None:
    """If this fails, there is a drawer into which anything fits, and soon everything will be."""
    assert_clean(banned_names, repository())


def test_floats_bear_their_unit() -> None:
    """If this fails, seconds can be mistaken for milliseconds, or a rate for a probability."""
    assert_clean(floats_without_unit, repository())


def test_every_option_is_read() -> None:
    """If this fails, a design can set an option that changes nothing, and nobody would know."""
    assert_clean(unread_options, repository())


def test_nothing_is_left_over() -> None:
    """If this fails, unfinished work is about to be shipped as if it were finished."""
    assert_clean(left_overs, repository(text=True))


def test_text_stands_without_an_issue_tracker() -> None:
    """If this fails, a sentence can only be understood with a tracker that readers do not have."""
    assert_clean(issue_numbers, repository(text=True))


# ------------------------------------------------------------------ the rules on seeded source

DOC = '"""Why this module is here."""\n'
SPEC = "class A(StrictModel):\n    quorum: int\n"

BAD: list[tuple[Rule, str, str]] = [
    (long_functions, "sim/a.py", "def f():\n" + "    x = 1\n" * LONGEST_FUNCTION),
    (long_functions, "sim/a.py", "class A:\n  async def f():\n" + "    1\n" * LONGEST_FUNCTION),
    (long_modules, "sim/a.py", "x = 1\n" * (LONGEST_MODULE + 1)),
    (stray_randomness, "sim/a.py", "import random"),
    (stray_randomness, "models/a.py", "from random import choice"),
    (stray_randomness, "models/a.py", "def f():\n    import numpy.random as r"),
    (stray_randomness, "experiments/a.py", "from numpy import random"),
    (stray_randomness, "experiments/a.py", "from numpy.random import default_rng"),
    (stray_randomness, "experiments/a.py", "rng = np.random.default_rng()"),
    (stray_randomness, "experiments/a.py", "def f(rng: numpy.random.Generator): ..."),
    (wall_clock, "sim/a.py", "now = time.time()"),
    (wall_clock, "sim/a.py", "from time import time_ns"),
    (wall_clock, "models/a.py", "now = datetime.now()"),
    (wall_clock, "models/a.py", "now = datetime.datetime.now(tz)"),
    (missing_docstrings, "sim/a.py", "x = 1"),
    (missing_docstrings, "sim/a.py", '"""Laws."""'),
    (missing_docstrings, "sim/a.py", DOC + "def f(): ..."),
    (missing_docstrings, "sim/a.py", DOC + "class A: ..."),
    (missing_docstrings, "sim/a.py", DOC + 'class A:\n    "A."\n    def f(self): ...'),
    (missing_docstrings, "sim/a.py", DOC + 'class A(B):\n    "A."\n    def f(self): ...'),
    (unexplained_tests, "tests/unit/test_a.py", "def test_a(): ..."),
    (unexplained_tests, "tests/unit/test_a.py", "class TestA:\n    def test_a(self): ..."),
    (banned_names, "sim/utils.py", ""),
    (banned_names, "models/redis/redis_helpers.py", ""),
    (banned_names, "experiments/common/tables.py", ""),
    (floats_without_unit, "sim/a.py", "@dataclass\nclass A:\n    delay: float"),
    (floats_without_unit, "sim/a.py", "@dataclass(frozen=True)\nclass A:\n    rate: float | None"),
    (floats_without_unit, "models/a.py", "class A(StrictModel):\n    x: Annotated[float, Ge(0)]"),
    (floats_without_unit, "models/a.py", "class A(BaseModel): ...\nclass B(A):\n    y: float"),
    (unread_options, "models/a.py", SPEC),
    (unread_options, "models/a.py", SPEC + "class B(A):\n    prio: int\nA().quorum"),
    (unread_options, "models/a.py", SPEC + "def f(a):\n    a.quorum = 1"),
    (unread_options, "models/a.py", SPEC + "    @field_validator('q')\n    def f(a): a.quorum"),
    (left_overs, "docs/a.md", "a\nTODO: b"),
    (left_overs, "sim/a.py", "x = 1  # FIXME later"),
    (left_overs, "sim/a.py", "x = 'XXX'"),
    (issue_numbers, "docs/a.md", "as said in issue 12"),
    (issue_numbers, "docs/a.md", "Issue #12 asks for it"),
    (issue_numbers, "sim/a.py", "# see the issue12 of ours"),
    (issue_numbers, "docs/a.md", "unlike redis, issue 12 says"),
]

OVERRIDE = (
    'class A:\n    "A."\n    def f(self): "F."\nclass B(A):\n    "B."\n    def f(self): ...\n'
    'class C(B):\n    "C."\n    def f(self): ...\n    def __len__(self): ...\n'
)

GOOD: list[tuple[Rule, str, str]] = [
    (long_functions, "sim/a.py", "def f():\n" + "    x = 1\n" * (LONGEST_FUNCTION - 1)),
    (long_modules, "sim/a.py", "x = 1\n" * LONGEST_MODULE),
    (stray_randomness, RANDOM_ROOM, "import random\nx = np.random.Philox(1)"),
    (stray_randomness, "models/a.py", "from sim.streams import Stream\nx = self.random.draw()"),
    (wall_clock, "experiments/a.py", "now = time.time()"),
    (wall_clock, "sim/a.py", "now = kernel.time.now()"),
    (missing_docstrings, "sim/a.py", DOC + "def _f(): ...\nclass _A:\n    def f(self): ..."),
    (missing_docstrings, "sim/a.py", DOC + OVERRIDE),
    (unexplained_tests, "tests/a.py", "def build(): ...\ndef test_a(): 'If this fails, no A.'"),
    (banned_names, "models/commonality.py", ""),
    (floats_without_unit, "sim/a.py", "@dataclass\nclass A:\n    delay_s: float\n    n: int"),
    (floats_without_unit, "sim/a.py", "@dataclass\nclass A:\n    p_loss: float\n    shape: float"),
    (floats_without_unit, "sim/a.py", "@dataclass\nclass A:\n    crashes_per_year: float | None"),
    (floats_without_unit, "sim/a.py", "class A:\n    x: float\n"),
    (unread_options, "models/a.py", SPEC + "def f(a):\n    return a.quorum"),
    (unread_options, "models/a.py", SPEC + "match x:\n    case A(quorum=q): ..."),
    (unread_options, "models/a.py", "class A(StrictModel):\n    kind: Literal['a']\n    _x: int"),
    (unread_options, "models/a.py", "class A(StrictModel):\n    kind: ClassVar[str] = ''"),
    (left_overs, "docs/a.md", "methodology, todos"),
    (issue_numbers, "docs/a.md", "a tissue 3 cm wide; the issue of 12 hosts"),
    (issue_numbers, "docs/a.md", "as in redis issue 12865 and (hashicorp/consul issue #1)"),
]


@pytest.mark.parametrize(("rule", "path", "text"), BAD)
def test_a_rule_bites_on_bad_source(rule: Rule, path: str, text: str) -> None:
    """If this fails, a rule has stopped seeing what it was written to see."""
    assert list(rule([Source(path, text)]))


@pytest.mark.parametrize(("rule", "path", "text"), GOOD)
def test_a_rule_leaves_good_source_alone(rule: Rule, path: str, text: str) -> None:
    """If this fails, a rule forbids what the house allows, and people will work around it."""
    assert not list(rule([Source(path, text)]))


def test_every_rule_is_tried() -> None:
    """If this fails, a rule was added whose bite nobody has seen."""
    in_file = {
        rule
        for rule in globals().values()
        if getattr(rule, "__annotations__", {}).get("return") == Iterator[str]
        and not rule.__name__.startswith("_")
    }
    assert in_file == {rule for rule, _, _ in BAD} == {rule for rule, _, _ in GOOD}
