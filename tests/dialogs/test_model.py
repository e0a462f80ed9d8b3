"""What an author writes, as values."""

import json
from collections.abc import Callable

import pytest

from dialogs.model import Choice, Dialog, Step
from dialogs.types import multiline


def _dialog(**changes: object) -> Dialog:
    fields = {
        "name": "sample",
        "kind": "reflection",
        "title": {"es": "Muestra"},
        "why": {"es": "Para probar."},
        "minutes": 1,
        "languages": ("es",),
        "steps": (Step("text", "a", {"es": "¿Qué?"}, line=3),),
    }
    return Dialog(**{**fields, **changes})  # type: ignore[arg-type]  # a test's own mixture


def test_a_dialog_survives_json(library: Callable[[str], Dialog]) -> None:
    """A stored version reloads without its YAML, to an equal dialog with the same version."""
    for name in ("check_in", "welcome", "staff/ask_purpose"):
        dialog = library(name)
        again = Dialog.from_dict(json.loads(json.dumps(dialog.to_dict())))

        assert again == dialog
        assert again.version == dialog.version
        assert again.steps == dialog.steps
        assert again.facts == dialog.facts


def test_the_version_is_of_the_words_not_of_their_lines() -> None:
    """Moving a step down the page is the same dialog; another word is another version."""
    moved = _dialog(steps=(Step("text", "a", {"es": "¿Qué?"}, line=30),))
    other = _dialog(steps=(Step("text", "a", {"es": "¿Cómo?"}, line=3),))

    assert moved.version == _dialog().version
    assert moved == _dialog()
    assert hash(moved) == hash(_dialog())
    assert other.version != _dialog().version
    assert other != _dialog()
    assert _dialog() != other
    assert len(other.version) == 64


def test_a_version_stays_what_it_was() -> None:
    """Runs keep the version they began with: the same words have the same one in every program to come."""
    assert _dialog().version == "017acaa2792b5418c2ca61d7ede5afc42d6b301bcd4adf552545289f977ae0f0"


@pytest.mark.parametrize("spec", [0, 2])
def test_a_dialog_of_another_program_is_refused(spec: int) -> None:
    """A spec this program does not know is never half understood."""
    with pytest.raises(ValueError, match=f"spec {spec}"):
        Dialog.from_dict({**_dialog().to_dict(), "spec": spec})


def test_questions_are_the_steps_that_wait() -> None:
    """A note is no question, and a step is found by its name."""
    note, question = Step("note", "hello", {"es": "Hola"}), Step("integer", "age", {"es": "¿Edad?"})
    dialog = _dialog(steps=(note, question))

    assert dialog.questions == (question,)
    assert dialog.step("age") is question
    with pytest.raises(KeyError):
        dialog.step("nobody")


def test_only_a_text_is_multiline() -> None:
    """Pieces are gathered for open text alone."""
    assert multiline(Step("text", "a", {}, appearance=frozenset({"multiline"})))
    assert not multiline(Step("text", "a", {}))
    assert not multiline(Step("select_one", "a", {}, choices=(Choice("x", {}),), appearance=frozenset({"multiline"})))
