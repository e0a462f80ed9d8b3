"""The house rules that no linter of others knows: sizes, docstrings, reasons, and what no file may say."""

import ast
import io
import re
import shutil
import subprocess
import sys
import tokenize
import tomllib
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = ("bot", "dialogs", "storage")
FILE_LINES = 400
FUNCTION_LINES = 50
EXEMPT = {
    "storage/tables.py": "the whole schema on one page",
    "storage/migrations/versions": "a migration is one list, written once and never changed",
}
PRIVATE_OF_OURS = {"storage/vault.py": "the vault alone may read what a key is made of"}
SILENT = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}


def _ignored() -> tuple[str, ...]:
    lines = (ROOT / ".gitignore").read_text("utf-8").splitlines()
    return (".git", *(line.rstrip("/") for line in lines if line and not line.startswith("#")))


def _files(folder: Path = ROOT, ignored: tuple[str, ...] = _ignored()) -> Iterator[Path]:
    """Walk what git would track: git itself may be absent where the tests run."""
    for path in sorted(folder.iterdir()):
        if any(fnmatch(path.name, pattern) for pattern in ignored):
            continue
        if path.is_dir():
            yield from _files(path, ignored)
        else:
            yield path


def _python(*folders: str) -> list[Path]:
    return [path for folder in folders for path in _files(ROOT / folder) if path.suffix == ".py"]


def _comments(source: str) -> Iterator[tuple[int, str]]:
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


def _lines(source: str) -> set[int]:
    """Numbers of the lines that carry code or a docstring: blank lines and comments are free."""
    return {
        line
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type not in SILENT
        for line in range(token.start[0], token.end[0] + 1)
    }


def _functions(source: str) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_files_and_functions_are_small() -> None:
    """A file stays under 400 lines and a function under 50, so that either fits in a head."""
    exempt = [ROOT / place for place in EXEMPT]
    paths = [path for path in _python(*ROOMS) if not any(path.is_relative_to(place) for place in exempt)]
    too_long = []
    for path in paths:
        source = path.read_text("utf-8")
        lines = _lines(source)
        if len(lines) >= FILE_LINES:
            too_long.append(f"{path.relative_to(ROOT)}: {len(lines)} lines")
        for function in _functions(source):
            length = len(lines & set(range(function.lineno, (function.end_lineno or 0) + 1)))
            if length >= FUNCTION_LINES:
                too_long.append(f"{path.relative_to(ROOT)}:{function.lineno} {function.name}: {length} lines")

    assert len(paths) >= 40
    assert too_long == [], "\n".join(too_long)


def test_preferences_are_written_by_name_alone() -> None:
    """Outside the store that merges them, no code builds a person's preferences from those it read before."""
    places = {"storage/people.py", "bot/team/orders/preview.py"}  # the store; and a stand-in for a person who is nobody
    whole = [
        f"{path.relative_to(ROOT)}:{node.value.lineno}"
        for path in _python(*ROOMS)
        if path.relative_to(ROOT).as_posix() not in places
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.keyword) and (node.arg == "preferences" or _spread(node.value))
    ]
    assert whole == [], "\n".join(whole)


def _spread(node: ast.expr) -> bool:
    """Tell whether an expression puts all of somebody's preferences into another mapping."""
    return any(
        key is None and isinstance(value, ast.Attribute) and value.attr == "preferences"
        for each in ast.walk(node)
        if isinstance(each, ast.Dict)
        for key, value in zip(each.keys, each.values, strict=True)
    )


NAMES = {"web", "telegram", "WEB", "TELEGRAM", "MESSENGER"}
KNOW_MESSENGERS = (
    "bot/messengers",  # the adapters
    "bot/web",  # the pages of one of them
    "bot/app.py",  # the wiring
    "bot/running.py",
    "storage/web_",  # the rows of those pages
    "storage/person_queries.py",  # SQL: whoever has another address is told there, and not in a browser
)


def test_only_adapters_and_wiring_ask_which_messenger_it_is() -> None:
    """No code compares with a messenger's name: it asks what the messenger can do."""
    found = [
        f"{place}:{line}"
        for path in _python(*ROOMS)
        if not (place := path.relative_to(ROOT).as_posix()).startswith(KNOW_MESSENGERS)
        for line in _messengers_compared(path.read_text("utf-8"))
    ]
    assert found == [], "\n".join(found)
    for planted in ("a == WEB", "a.messenger != 'web'", "a in {'telegram'}", "{a} == {'web'}", "port.WEB in a"):
        assert list(_messengers_compared(planted)) == [1], planted
    assert list(_messengers_compared("match a:\n  case 'telegram':\n    pass")) == [2]


def test_pages_are_turned_in_one_place() -> None:
    """Only the pager makes the buttons that turn a page."""
    words = ('"button.before"', '"button.next"')
    makers = {path.name for path in _python("bot") if any(word in path.read_text("utf-8") for word in words)}
    assert makers == {"screen.py"}


def _messengers_compared(source: str) -> Iterator[int]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Compare | ast.MatchValue):
            said = {
                getattr(each, "value", None) if isinstance(each, ast.Constant) else getattr(each, "id", None)
                for each in ast.walk(node)
            } | {each.attr for each in ast.walk(node) if isinstance(each, ast.Attribute)}
            if said & NAMES:
                yield node.lineno


def test_every_test_states_its_truth() -> None:
    """Every test function has a docstring."""
    tests = [
        (path, function)
        for path in _python("tests")
        for function in _functions(path.read_text("utf-8"))
        if function.name.startswith("test_")
    ]
    silent = [f"{path.name}:{test.lineno} {test.name}" for path, test in tests if not ast.get_docstring(test)]

    assert len(tests) >= 50
    assert silent == [], "\n".join(silent)


def test_every_exception_to_a_rule_gives_its_reason() -> None:
    """Beside each `noqa`, `type: ignore` and `fmt: off` stands why, in words."""
    paths = _python(*ROOMS, "tests")
    marker = re.compile(
        r"(?:ruff:\s*)?noqa(?::\s*[A-Z]+\d+(?:[,\s]+[A-Z]+\d+)*)?|type:\s*ignore(?:\[[\w\s,-]*\])?|mypy:\s*\S+|fmt:\s*\w+"
    )
    bare = [
        f"{path.relative_to(ROOT)}:{line} {comment}"
        for path in paths
        for line, comment in _comments(path.read_text("utf-8"))
        if re.match(rf"#\s*(?:{marker.pattern})", comment) and len(re.findall(r"\w+", marker.sub("", comment))) < 2
    ]

    assert len(paths) >= 60
    assert bare == [], "\n".join(bare)


def test_libraries_are_used_as_their_authors_offer_them() -> None:
    """No code reaches into what a library keeps for itself, sets anything on it, or puts a stand-in in its place."""
    found = [
        f"{path.relative_to(ROOT)}:{line} {what}"
        for path in _python(*ROOMS)
        if path.relative_to(ROOT).as_posix() not in PRIVATE_OF_OURS
        for line, what in _intrusions(path.read_text("utf-8"))
    ]
    assert found == [], "\n".join(found)


@pytest.mark.parametrize(
    "planted",
    [
        "import sys\nsys.modules['httpx._main'] = sys",
        "import sys\nsys.modules.setdefault('uvicorn.main', sys)",
        "from typer._click import exceptions",
        "import h11._connection",
        "from typer import _click",
        "from sqlalchemy.dialects.sqlite.dml import OnConflictClause\nOnConflictClause.constraint_target = None",
        "import httpx\nhttpx.Client.send = print",
        "import httpx\nhttpx._main = None",
        "import httpx\nsetattr(httpx.Client, 'send', print)",
        "def f(session: object) -> None:\n    session._trust_env = True  # noqa: SLF001  nobody knows",
    ],
)
def test_intrusions_are_caught(planted: str) -> None:
    """Each way of reaching into a library that stood in the house once, and a few more, is seen."""
    assert list(_intrusions(planted))


def _intrusions(source: str) -> Iterator[tuple[int, str]]:
    """Find what is done to libraries that they do not offer; hooks of Python's own may be set."""
    tree = ast.parse(source)
    imported = {name: (line, module) for line, module, name in _imported(tree) if module.split(".")[0] not in ROOMS}
    for line, module in imported.values():
        if any(part.startswith("_") and not part.startswith("__") for part in module.split(".")):
            yield line, f"imports {module}"
    libraries = {name for name, (_, module) in imported.items() if module.split(".")[0] not in sys.stdlib_module_names}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and ast.unparse(node) == "sys.modules":
            yield node.lineno, "touches sys.modules"
        for target in _set(node):
            if _root(target) in libraries:
                yield target.lineno, f"sets {ast.unparse(target)}"
    yield from ((line, comment) for line, comment in _comments(source) if "SLF001" in comment)


def _imported(tree: ast.AST) -> Iterator[tuple[int, str, str]]:
    for node in ast.walk(tree):
        for alias in node.names if isinstance(node, ast.Import | ast.ImportFrom) else ():
            module = f"{node.module}.{alias.name}" if isinstance(node, ast.ImportFrom) else alias.name
            name = alias.asname or (alias.name if isinstance(node, ast.ImportFrom) else alias.name.split(".")[0])
            yield node.lineno, module, name


def _set(node: ast.AST) -> list[ast.expr]:
    """List the attributes that a statement sets or deletes."""
    match node:
        case ast.Assign(targets=targets) | ast.Delete(targets=targets):
            return [target for target in targets if isinstance(target, ast.Attribute)]
        case ast.AugAssign(target=ast.Attribute() as target) | ast.AnnAssign(target=ast.Attribute() as target):
            return [target]
        case ast.Call(func=ast.Name(id="setattr" | "delattr"), args=[target, *_]):
            return [target]
    return []


def _root(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def test_no_file_names_a_machine_or_a_registry() -> None:
    """No text names a folder of someone's machine or the host of a package registry: they mean nothing elsewhere."""
    banned = re.compile(
        r"/(?:wor[k]|roo[t]|hom[e]|User[s])/\w|pyp[i]\.org|pythonhoste[d]|npmj[s]\.|://[^/\s]*:\d+/simpl[e]"
    )
    texts = {}
    for path in _files():
        try:
            texts[path] = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue
    found = [
        f"{path.relative_to(ROOT)}:{number} {line.strip()[:80]}"
        for path, text in texts.items()
        for number, line in enumerate(text.splitlines(), 1)
        if banned.search(line)
    ]

    assert len(texts) >= 100
    assert found == [], "\n".join(found)


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-scale.txt", "requirements-dev.txt"])
def test_packages_are_locked_by_hash(name: str) -> None:
    """Each line of a lock file pins one version and carries its hashes; none says where to fetch it from."""
    text = (ROOT / name).read_text("utf-8").replace("\\\n", " ")
    entries = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    loose = [
        entry[:60]
        for entry in entries
        if not re.match(r"[\w.-]+(?:\[[\w,-]+\])?==\S+(?: ; [^-]+)?(?:\s+--hash=sha256:[0-9a-f]{64})+\s*$", entry)
    ]

    assert len(entries) >= 30
    assert loose == [], "\n".join(loose)


def test_the_version_is_the_newest_of_the_changelog() -> None:
    """The package's version is the first one the changelog tells about."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    newest = re.search(r"^## \[?(\d+\.\d+\.\d+)", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)

    assert newest is not None
    assert newest[1] == version


PLANTED = {
    "dialogs/model.py": ("import socket", "dialogs.model -> socket"),
    "dialogs/engine.py": ("import time", "dialogs.engine -> time"),
    "dialogs/reader.py": ("import storage.runs", "dialogs.reader -> storage.runs"),
    "dialogs/wording.py": ("import transitions", "dialogs.wording -> transitions"),
    "dialogs/run.py": ("import dialogs.engine", "dialogs.run -> dialogs.engine"),
    "dialogs/dates.py": ("import dateutil.rrule", "dialogs.dates -> dateutil"),
    "dialogs/newcomer.py": ("", "- dialogs.newcomer"),
    "storage/runs.py": ("import bot.clock", "storage.runs -> bot.clock"),
    "storage/answers.py": ("import dialogs.engine", "storage.answers -> dialogs.engine"),
    "storage/people.py": ("import storage.outbox", "storage.people -> storage.outbox"),
    "storage/newcomer.py": ("", "- storage.newcomer"),
    "bot/conversation/turns.py": ("import telegram", "bot.conversation.turns -> telegram"),
    "bot/messengers/ptb.py": ("import aiogram", "bot.messengers.ptb -> aiogram"),
    "bot/messengers/_updates.py": ("import storage.people", "bot.messengers._updates -> storage.people"),
    "bot/messengers/web.py": ("import bot.messengers.ptb", "bot.messengers.web -> bot.messengers.ptb"),
    "bot/messengers/port.py": ("import dialogs.model", "bot.messengers.port -> dialogs.model"),
    "bot/clock.py": ("import bot.app", "bot.clock -> bot.app"),
    "bot/newcomer.py": ("", "- bot.newcomer"),
    "bot/cli/people.py": ("import bot.team.people.people", "bot.cli.people -> bot.team.people.people"),
    "bot/pipeline/loops.py": ("import procrastinate", "bot.pipeline.loops -> procrastinate"),
    "bot/web/chat.py": ("import bot.participant.erasing", "bot.web.chat -> bot.participant.erasing"),
    "bot/web/thread.py": ("import prometheus_client", "bot.web.thread -> prometheus_client"),
    "bot/team/kit/feature.py": ("import bot.team.team", "bot.team.kit.feature -> bot.team.team"),
    "bot/team/newcomer.py": ("", "- bot.team.newcomer"),
}


def test_imports_that_go_uphill_are_caught(tmp_path: Path) -> None:
    """Each wrong import planted in a copy of the house is named by import-linter, and each new file without a floor."""
    for room in ROOMS:
        shutil.copytree(ROOT / room, tmp_path / room, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for place, (line, _) in PLANTED.items():
        with (tmp_path / place).open("a", encoding="utf-8") as file:
            file.write(f"\n{line}\n")
    linter = Path(sys.executable).with_name("lint-imports")

    ended = subprocess.run(
        [linter, "--no-cache", "--no-logo"], cwd=tmp_path, capture_output=True, encoding="utf-8", check=False
    )

    assert "0 kept" in ended.stdout
    assert [wrong for _, wrong in PLANTED.values() if wrong not in ended.stdout] == []
