"""The one table of actions: what stands in it, what stops the start, and that no name stands anywhere beside it."""

import ast
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from bot import content
from bot.conversation.actions import ACTIVE, Action, MenuPlace, handles
from bot.conversation.screen import Screen
from bot.pipeline.registry import ActionRegistry, RegistryError
from bot.pipeline.screens import SCREENS, Screens, registry
from bot.rendering.commands import CommandWords, WordTaken, vocabulary
from bot.services.permissions import EVERYONE, FACILITATORS, Permission
from bot.team.people.people import PageOf
from tests.bot.rig import Rig, texts

ROOT = Path(__file__).parents[2]
LED_TO = {  # which argument of each call names an action
    "button": (1,),
    "labelled": (1,),
    "plain": (0,),
    "hers": (1,),
    "Then": (0,),
    "refuse": (0, 1),
    "refused": (1,),
}


def answering(*actions: Action, states: frozenset[str] | None = None) -> type:
    """Make a screen that answers actions."""

    class Answering:
        @handles(*actions, states=states)
        def answer(self, screen: Screen, *argument: Any) -> None: ...

    return Answering


def literals(node: ast.AST) -> list[str]:
    """List the words of literals that stand as elements of a node."""
    return [each.value for each in ast.iter_child_nodes(node) if isinstance(each, ast.Constant)]


def called(node: ast.Call) -> str:
    """Name what a call calls."""
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def test_every_action_has_a_handler_in_each_of_its_states() -> None:
    """The table is whole: whoever may ask for an action is answered."""
    found = registry()
    assert len(found.actions) >= 100
    for action in found.actions.values():
        assert {state for name, state in found.handlers if name == action.name} >= action.states, action.name


def test_the_name_of_an_action_stands_in_its_declaration_and_nowhere_else() -> None:
    """No table, no comparison and no button names an action but by its declaration."""
    names, declared, elsewhere = registry().actions.keys(), Counter[str](), []
    for path in sorted((ROOT / "bot").rglob("*.py")):
        tree, where = ast.parse(path.read_text("utf-8")), path.relative_to(ROOT)
        for node in ast.walk(tree):
            if where.name == "targets.py" and isinstance(node, ast.AnnAssign):
                declared.update(literals(node))
            elif isinstance(node, ast.Call) and called(node) == "Action":
                declared.update(words for each in node.args[:1] if (words := getattr(each, "value", "")) in names)
            elif isinstance(node, ast.Call):
                led = [node.args[place] for place in LED_TO.get(called(node), ()) if place < len(node.args)]
                named = [each.value for each in led if isinstance(each, ast.Constant) and each.value in names]
                elsewhere += [f"{where}:{node.lineno} {name}" for name in named]
            elif isinstance(node, ast.Compare) and "action" in ast.unparse(node.left):
                named = [each.value for each in node.comparators if isinstance(each, ast.Constant)]
                elsewhere += [f"{where}:{node.lineno} {name}" for name in named if name in names - ENGINES]

    assert elsewhere == []
    assert {name: declared[name] for name in names if declared[name] != 1} == {}


def test_no_table_lists_actions_by_name() -> None:
    """A set, a list or a mapping of which most are names of actions would be a second table."""
    names, tables = registry().actions.keys(), []
    for path in sorted((ROOT / "bot").rglob("*.py")):
        where = path.relative_to(ROOT).as_posix()
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Set | ast.Tuple | ast.List | ast.Dict):
                keys = node.keys if isinstance(node, ast.Dict) else node.elts
                words = [each.value for each in keys if isinstance(each, ast.Constant)]
                among = [word for word in words if word in names]
                if len(among) >= 3 and len(among) * 2 > len(words):
                    tables.append((where, tuple(among)))

    assert [table for table in tables if table[0] not in OF_THE_ENGINE] == []


ENGINES = {"done", "skip", "back", "later", "stop", "why", "resume", "start"}
"""Actions that the open run takes by the engine's own names (`dialogs.events.Action`)."""
OF_THE_ENGINE = {
    "bot/rendering/buttons.py",  # what a button of a run carries: the engine's names, in an order that never changes
    "bot/participant/plain_text.py",  # what is said to an offer of a run
    "bot/participant/settings.py",  # questions of the first dialog
}


@pytest.mark.parametrize(
    ("screens", "wrong"),
    [
        ([answering(Action("one", EVERYONE)), answering(Action("one", EVERYONE))], "declared twice"),
        ([answering(one := Action("one", EVERYONE)), answering(one)], "answered twice"),
        (
            [answering(Action("one", EVERYONE, commands=("go",)), Action("two", EVERYONE, commands=("go",)))],
            "have the command",
        ),
        ([answering(Action("one", Permission(frozenset())))], "allowed to nobody"),
        ([answering(Action("one", EVERYONE), states=ACTIVE)], "nobody answers one"),
        ([answering(Action("one", EVERYONE, (PageOf,), commands=("go",)))], "takes none without an argument"),
        (
            [
                answering(
                    Action("one", FACILITATORS, menu=MenuPlace("more", 1)),
                    Action("two", FACILITATORS, menu=MenuPlace("more", 1)),
                )
            ],
            "taken twice",
        ),
    ],
)
def test_what_cannot_be_right_stops_the_start(screens: list[type], wrong: str) -> None:
    """A name or a place taken twice, an action that is allowed or answered to nobody: none of it is found out later."""
    with pytest.raises(RegistryError, match=wrong):
        ActionRegistry.of(screens)


def test_an_action_without_a_permission_cannot_be_declared() -> None:
    """There is no default: who may ask for something has to be said."""
    with pytest.raises(TypeError):
        Action("one")  # type: ignore[call-arg]  # that is the mistake


def test_a_wizard_that_nobody_ends_stops_the_start() -> None:
    """Each of the team's dialogs has one part that begins and ends it."""
    without = [kind for kind in SCREENS if "seek" not in getattr(kind, "wizards", {})]
    with pytest.raises(RegistryError, match="seek"):
        ActionRegistry.of(without)
    with pytest.raises(RegistryError, match="two parts end"):
        ActionRegistry.of([*SCREENS, next(kind for kind in SCREENS if "seek" in getattr(kind, "wizards", {}))])


def test_each_wizard_is_given_the_facts_it_names(hilo: Rig) -> None:
    """What a wizard's words leave blank, and no answer fills, its part fills: one it forgets would stand there bare."""
    ana = hilo.facilitator()
    parts = {type(part): part for part in Screens(hilo.turns).parts}
    with hilo.reading() as unit:
        for name, (_, kind) in registry().wizards.items():
            assert set(content.wizard(name).facts) <= parts[kind].facts(unit, ana.person, {}).keys(), name


def test_words_that_ask_for_nothing_stop_the_start() -> None:
    """A command without an action, an action whose command has no word, a plain word for nothing."""
    words = vocabulary()
    for commands, plain in (
        ({**words.commands, "volar": "fly"}, words.plain),
        ({word: code for word, code in words.commands.items() if code != "tidy"}, words.plain),
        (words.commands, {**words.plain, "volar": "fly"}),
    ):
        with pytest.raises(RegistryError):
            registry().check_words(CommandWords(commands, plain))
    registry().check_words(words)


def test_a_word_for_two_things_stops_the_start(tmp_path: Path) -> None:
    """Two commands that are typed alike, in one language or in two, are found out at once."""
    from bot.rendering.texts import Texts  # noqa: PLC0415  only here catalogs of one's own are read

    for tag, code in (("es", "erase"), ("en", "leave")):
        folder = tmp_path / tag / "LC_MESSAGES"
        folder.mkdir(parents=True)
        (folder / "commands.po").write_text(f'msgid ""\nmsgstr ""\n\nmsgid "command.{code}.name"\nmsgstr "adios"\n')
    with pytest.raises(WordTaken):
        CommandWords.read(Texts(tmp_path))


def test_both_languages_have_every_word() -> None:
    """Each command and each plain word is there in both languages, and each is said in the menu's own words."""
    for language in ("es", "en"):
        for code in registry().commands:
            assert texts().say(f"command.{code}.name", language)
        for name in set(vocabulary().plain.values()):
            assert texts().say(f"plain.{name}", language)
