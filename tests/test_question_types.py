"""The bot and the storage render what a question type gives, and name no type."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from dialogs.types import TYPES

ROOT = Path(__file__).parent.parent
ROOMS = ("bot", "storage")
# Words of XLSForm alone: where one of them stands, a type is meant. The others are words of messengers and files too.
OWN_WORDS = {"select_one", "select_multiple", "acknowledge", "calculate", "integer"}
HOLDERS = {"type", "kind"}  # what a type's name is called where it is compared


def _words(node: ast.AST) -> Iterator[str]:
    """The texts that an expression or a pattern is made of."""
    for each in ast.walk(node):
        if isinstance(each, ast.Constant) and isinstance(each.value, str):
            yield each.value


def _holds(node: ast.AST) -> bool:
    """Tell whether an expression may be the name of a type: `step.type`, `kind`."""
    called = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
    return called in HOLDERS


def _tables(node: ast.AST) -> list[ast.expr]:
    """The entries of a set, list or tuple, or the keys of a mapping."""
    if isinstance(node, ast.Set | ast.List | ast.Tuple):
        return list(node.elts)
    return [key for key in node.keys if key is not None] if isinstance(node, ast.Dict) else []


def _constants(tree: ast.AST) -> dict[str, set[str]]:
    """The texts in what each name is given, for a comparison with a constant names a type all the same."""
    found: dict[str, set[str]] = {}
    for node in ast.walk(tree):
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            for target in targets:
                if isinstance(target, ast.Name):
                    found.setdefault(target.id, set()).update(_words(node.value))
    return found


def named(source: str) -> list[str]:
    """Each place where a question type is named: a comparison, a table of types, a step that is made of one."""
    known, found, tree = set(TYPES), [], ast.parse(source)
    constants = _constants(tree)
    for node in ast.walk(tree):
        match node:
            case ast.Constant(value=str(word)) if word in OWN_WORDS:
                pass
            case ast.Compare(left=left, comparators=others) if any(map(_holds, (left, *others))):
                sides = [each for side in (left, *others) if not _holds(side) for each in ast.walk(side)]
                said = {word for each in sides if isinstance(each, ast.Constant) for word in _words(each)}
                said |= {word for each in sides if isinstance(each, ast.Name) for word in constants.get(each.id, ())}
                if not known & said:
                    continue
            case ast.Match(subject=subject, cases=cases) if _holds(subject):
                if not known & {word for each in cases for word in _words(each.pattern)}:
                    continue
            case ast.Call(
                func=ast.Name(id="Step" | "Entry") | ast.Attribute(ast.Name("types"), "get"), args=args, keywords=keys
            ):
                given = [*args[:3], *(key.value for key in keys if key.arg == "type")]
                if not known & {each.value for each in given if isinstance(each, ast.Constant)}:
                    continue
            case ast.Set() | ast.List() | ast.Tuple() | ast.Dict():
                texts = {each.value for each in _tables(node) if isinstance(each, ast.Constant)}
                if len(known & texts) < 2:
                    continue
            case _:
                continue
        found.append(f"{node.lineno}: {ast.unparse(node)[:80]}")
    return found


def test_no_question_type_is_named_outside_of_dialogs() -> None:
    """Whoever adds a type has to look for its name nowhere else."""
    paths = [path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))]
    found = [f"{path.relative_to(ROOT)}:{each}" for path in paths for each in named(path.read_text("utf-8"))]

    assert len(paths) >= 150
    assert found == [], "\n".join(found)


@pytest.mark.parametrize(
    "line",
    [
        "if step.type == 'range': pass",
        "digit = option.name if kind == 'range' else place",
        "if 'text' != self.dialog.step(path).type: pass",
        "plain = kind in {'date'}",
        "shown = step.type not in ('note',)",
        "match entry.type:\n    case 'note' | 'date': pass",
        "IN_WORDS = frozenset({'text'})\nasks = step.type in IN_WORDS",
        "TAKES: Final = {'audio': 1}\nif kind not in TAKES: pass",
        "NUMBERS = {'decimal': '2.5', 'range': '3'}",
        "IN_WORDS = frozenset({'text', 'audio'})",
        "def draw(options, form='select_multiple'): pass",
        "step = Step('text', 'answer', {})",
        "step = Step(name='answer', label={}, type='text')",
        "found = types.get('time').offer",
        "entry = Entry('a', 'a', 'text', {}, {}, '')",
    ],
)
def test_a_type_that_is_named_is_found(line: str) -> None:
    """Each way in which a type was named before would be found again."""
    assert named(line)


@pytest.mark.parametrize(
    "line",
    [
        "if media.kind == 'voice': pass",
        "body = {'text': text, 'keyboard': rows}",
        "if row.kind == 'message': pass",
        "text = form.get('text')",
        "if types.of(step).free_text: pass",
        "until = texts.written(language, ValueFormat.DATE, day)",
    ],
)
def test_what_names_no_type_is_left_alone(line: str) -> None:
    """Words that messengers, pages and tables share with types are theirs."""
    assert named(line) == []
