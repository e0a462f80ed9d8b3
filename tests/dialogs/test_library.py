"""The dialogs we ship: found, whole, and in the voice we promised."""

from pathlib import Path

import pytest

import dialogs
from dialogs.context import FACTS
from dialogs.functions import FUNCTIONS
from dialogs.model import APPEARANCES, KINDS, Dialog, Text
from dialogs.reader import read
from dialogs.types import TYPES
from dialogs.wording import BLANK

LIBRARY = Path(dialogs.__file__).parent / "library"
FAMILIAR = """
tú ti te tu contigo quieres puedes andas necesitas prefieres toca pudiste hiciste cuéntame cuéntalo vives cambiarías
dieras dices dudas escoge imagina verías sentirías ves preguntarte pondrías contarías
"""
REFLECTIONS = {
    "reflection_practice": "tried*:yes,stuck,not_yet,no_fit story missing next",
    "reflection_signs": "picture first:me,household,community,authorities,unknown harm near:1,2,3,4,5 ask_us",
    "reflection_chat": (
        "useful:useful,burden,neither trouble:no,yes,in_person,unsaid trouble_about go_on:same,fewer,in_person"
    ),
    "significant_change": (
        "change* why helped:myself,people,school,other,unknown reach*:team,cohort,unnamed,unused title"
    ),
}


def _shipped() -> list[Dialog]:
    found = []
    for path in sorted(LIBRARY.rglob("*.yaml")):
        reading = read(path.read_text(encoding="utf-8"), path.stem)
        assert reading.issues == (), path
        assert reading.dialog
        found.append(reading.dialog)
    assert len(found) >= 3
    return found


def _texts(dialog: Dialog) -> list[Text]:
    found = [dialog.title, dialog.why]
    for step in dialog.steps:
        found += [step.label, step.hint, step.required_message, step.constraint_message]
        found += [choice.label for choice in step.choices]
    return [text for text in found if text]


def test_every_shipped_dialog_reads_without_an_issue() -> None:
    """What we ship has not even a warning, and is called as its file is."""
    assert {"check_in", "welcome", "ask_purpose", *REFLECTIONS} <= {dialog.name for dialog in _shipped()}


def test_every_text_is_in_spanish_and_english() -> None:
    """Both languages carry every text, with the same blanks."""
    for dialog in _shipped():
        for text in _texts(dialog):
            assert {"es", "en"} <= text.keys(), text
            assert len({tuple(sorted(BLANK.findall(words))) for words in text.values()}) == 1, text


def test_usted_is_never_tu() -> None:
    """In usted nothing says tú: neither words of its own nor those it takes from Spanish."""
    familiar = set(FAMILIAR.split())
    for dialog in _shipped():
        if "es-usted" not in dialog.languages:
            continue
        for text in _texts(dialog):
            words = (text.get("es-usted") or text["es"]).lower()
            said = set("".join(letter if letter.isalpha() else " " for letter in words).split())
            if words != "de tú":
                assert not said & familiar, words
            if "es-usted" in text:
                assert text["es-usted"] != text["es"], "a text of its own only where it differs"


def test_the_check_in_is_the_one_agreed() -> None:
    """Its questions, names and choices are stable: exports and the door to ask for help hang on them."""
    dialog = next(each for each in _shipped() if each.name == "check_in")

    assert [step.name for step in dialog.questions] == ["mood", "week", "need", "need_about"]
    assert [choice.name for choice in dialog.step("need").choices] == ["nothing", "call", "information", "in_person"]
    assert dialog.step("mood").parameters == {"start": 1, "end": 5, "step": 1}
    assert not any(step.required for step in dialog.steps)


def test_the_welcome_asks_for_the_register_in_spanish_alone() -> None:
    """Tú or usted is a question of Spanish; all else is asked in every language, and nothing is required."""
    dialog = next(each for each in _shipped() if each.name == "welcome")

    assert [step.name for step in dialog.questions] == [
        "form", "phone", "hours", "signal", "register", "gender", "hope",
    ]  # fmt: skip  # one list, one line
    assert {step.name: step.relevant for step in dialog.steps if step.relevant} == {"register": "${language} = 'es'"}
    assert not any(step.required for step in dialog.steps)


@pytest.mark.parametrize(("name", "asked"), REFLECTIONS.items())
def test_the_reflections_are_the_ones_agreed(name: str, asked: str) -> None:
    """Their questions and the names of their choices are stable; `*` marks what has to be answered."""
    dialog = next(each for each in _shipped() if each.name == name)

    told = [
        step.name + "*" * step.required + (":" + ",".join(choice.name for choice in step.choices)) * bool(step.choices)
        for step in dialog.questions
    ]
    assert dialog.kind == "reflection"
    assert told == asked.split()
    for step in dialog.questions:
        assert not step.required or step.required_message, "whoever has to answer is told why"


def test_the_example_for_authors_is_a_dialog() -> None:
    """What the page for authors shows reads without an issue, and the page names every type and every function."""
    page = (LIBRARY / "README.md").read_text(encoding="utf-8")
    example = page.partition("```yaml\n")[2].partition("```")[0]

    assert read(example, "water").issues == ()
    for word in (*TYPES, *APPEARANCES, *KINDS, *FUNCTIONS, *FACTS):
        assert word in page, word
