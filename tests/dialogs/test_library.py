"""The dialogs we ship: found, whole, and in the voice we promised."""

from pathlib import Path

import dialogs
from dialogs.context import FACTS
from dialogs.functions import FUNCTIONS
from dialogs.model import APPEARANCES, KINDS, TYPES, Dialog, Text
from dialogs.reader import read
from dialogs.wording import BLANK

LIBRARY = Path(dialogs.__file__).parent / "library"


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
    assert {"check_in", "welcome", "ask"} <= {dialog.name for dialog in _shipped()}


def test_every_text_is_in_spanish_and_english() -> None:
    """Both languages carry every text, with the same blanks."""
    for dialog in _shipped():
        for text in _texts(dialog):
            assert {"es", "en"} <= text.keys(), text
            assert len({tuple(sorted(BLANK.findall(words))) for words in text.values()}) == 1, text


def test_usted_is_never_tu() -> None:
    """In usted nothing says tú: neither words of its own nor those it takes from Spanish."""
    familiar = {"tú", "ti", "te", "tu", "contigo", "quieres", "puedes", "andas", "necesitas", "prefieres", "toca"}
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


def test_the_example_for_authors_is_a_dialog() -> None:
    """What the page for authors shows reads without an issue, and the page names every type and every function."""
    page = (LIBRARY / "README.md").read_text(encoding="utf-8")
    example = page.partition("```yaml\n")[2].partition("```")[0]

    assert read(example, "water").issues == ()
    for word in (*TYPES, *APPEARANCES, *KINDS, *FUNCTIONS, *FACTS):
        assert word in page, word
