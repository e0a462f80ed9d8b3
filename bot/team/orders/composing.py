"""Own dialogs, written in chat: dialogs of one question, copies, and changes of words.

They are checked like a dialog from a file. Each change makes a new version, so every change can be undone.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final, Literal
from uuid import UUID

from bot import clock
from bot.conversation.screen import Screen
from bot.conversation.turns import Turns
from bot.product_languages import language_of
from bot.rendering.speech import RECORDED
from bot.rendering.texts import Texts, shorten
from bot.services import own_dialogs, promises
from bot.services.versions import save_version
from dialogs import languages, question_forms, wording
from dialogs.checks import check, slug
from dialogs.fuzzy_match import folded
from dialogs.issues import Issue
from dialogs.model import Choice, Dialog, Media, Step, Text, Value
from storage.people import Person
from storage.unit import Unit

Form = Literal["open", "yes_no", "faces", "options"]
FACES: Final = ("1", "2", "3", "4", "5")
YES_NO: Final = ("yes", "no")
TITLE: Final = 40  # characters
ANSWER: Final = "answer"
LONGEST: Final = 300  # characters of a question
OPTIONS_FEWEST: Final = 2
OPTIONS_MOST: Final = 5
OPTION_LONGEST: Final = 60  # characters
MINUTES: Final = {"open": 2}
# An author in chat may leave words to the fallback along the language chain.
PASSED_OVER: Final = frozenset({"missing_language", "undeclared_language"})
_MARKS: Final = re.compile(r"[\n,;]+")


def words_of(value: Value | None, written: Value | None = None) -> tuple[str, str]:
    """Return the words and the name of the recording ('' for none) from an answer that asked for words."""
    pieces = value if isinstance(value, tuple) else (str(value or ""),)
    voice = next((each for each in pieces if isinstance(each, Media) and each.kind == "voice"), None)
    words = wording.plain_value(written) if voice and written else wording.plain_value(value)
    return " ".join(words.split()), RECORDED.format(id=voice.id) if voice else ""


def listed(value: Value | None) -> list[str]:
    """Return the options in an answer: one on each line, or in one line with commas."""
    words = wording.plain_value(value).strip()
    parts = words.split("\n") if "\n" in words else _MARKS.split(words)
    plain = (part.strip(" .\t") for part in parts)
    return [part[0].upper() + part[1:] for part in plain if part]


def question(
    texts: Texts, name: str, form: str, language: str, words: str, recording: str, options: Sequence[str]
) -> Dialog:
    """Return a dialog of one question, in one language."""
    label, audio = {language: words}, {language: recording} if recording else {}
    if form == "open":
        step = question_forms.make_open_question(ANSWER, label, audio)
    else:
        make = question_forms.make_scale if form == "faces" else question_forms.make_choice
        step = make(ANSWER, label, audio, _choices(texts, form, language, options))
    return Dialog(
        name=name,
        kind="reflection" if form == "open" else "check_in",
        title={language: shorten(words, TITLE)},
        why={language: texts.say("own.why", language)},
        minutes=MINUTES.get(form, 1),
        languages=(language,),
        steps=(step,),
    )


def _choices(texts: Texts, form: str, language: str, options: Sequence[str]) -> tuple[Choice, ...]:
    if form == "options":
        names: list[str] = []
        for place, option in enumerate(options, 1):
            plain = slug(option)[:40]
            names.append(plain if plain and plain not in names else f"option_{place}")
        return tuple(Choice(each, {language: option}) for each, option in zip(names, options, strict=True))
    known = {"yes_no": YES_NO, "faces": FACES}.get(form, ())
    return tuple(Choice(each, {language: texts.say(f"own.{form}.{each}", language)}) for each in known)


def in_language(texts: Texts, dialog: Dialog, language: str, words: str, recording: str) -> Dialog:
    """Return a dialog of one question with words in a further language; the author's own options are left alone."""
    step = dialog.steps[0]
    form = "faces" if question_forms.is_scale(step) else "yes_no" if _named(step) == YES_NO else "options"
    choices = tuple(
        replace(each, label={**each.label, language: texts.say(f"own.{form}.{each.name}", language)})
        if form != "options"
        else each
        for each in step.choices
    )
    step = replace(step, label={**step.label, language: words}, choices=choices)
    if recording:
        step = replace(step, audio={**step.audio, language: recording})
    return replace(
        dialog,
        title={**dialog.title, language: shorten(words, TITLE)},
        why={**dialog.why, language: texts.say("own.why", language)},
        languages=tuple(dict.fromkeys((*dialog.languages, language))),
        steps=(step, *dialog.steps[1:]),
    )


def own_options(dialog: Dialog) -> bool:
    """Return whether a question's options are its author's own words."""
    step = dialog.steps[0]
    return question_forms.is_choice(step) and _named(step) != YES_NO


def _named(step: Step) -> tuple[str, ...]:
    return tuple(choice.name for choice in step.choices)


def with_options(dialog: Dialog, language: str, options: Sequence[str]) -> Dialog:
    """Return a dialog with the labels of its options in a language, in order; surplus labels are ignored."""
    step = dialog.steps[0]
    labels = [*options, *[""] * len(step.choices)]
    choices = tuple(
        replace(choice, label=_put(choice.label, language, label))
        for choice, label in zip(step.choices, labels, strict=False)
    )
    return replace(dialog, steps=(replace(step, choices=choices), *dialog.steps[1:]))


def added_option(said: str, adding: str) -> str:
    """Return the option that typed words add (`agrega: no sé`), or ''; `adding` lists the words for adding."""
    first, _, rest = said.partition(":") if ":" in said else said.partition(" ")
    return rest.strip(' .«»“”"') if folded(first) in map(folded, adding.split(",")) else ""


def with_option(dialog: Dialog, language: str, option: str) -> Dialog | None:
    """Return a dialog with one more option, in a language; None if there is no room or it is too long."""
    step, label = dialog.steps[0], next(iter(listed(option)), "")
    if not label or len(step.choices) >= OPTIONS_MOST or len(label) > OPTION_LONGEST:
        return None
    names = {choice.name for choice in step.choices}
    plain = slug(label)[:40]
    name = plain if plain and plain not in names else f"option_{clock.new_id().hex[-6:]}"
    return replace(dialog, steps=(replace(step, choices=(*step.choices, Choice(name, {language: label}))),))


def same_option(dialog: Dialog) -> tuple[int, str] | None:
    """Return the place and the language of the first own option that says what an earlier one says; None: none does."""
    if not own_options(dialog):
        return None
    seen: set[tuple[str, str]] = set()
    for place, choice in enumerate(dialog.steps[0].choices):
        for language, label in choice.label.items():
            if (language, folded(label)) in seen:
                return place, language
            seen.add((language, folded(label)))
    return None


def without_option(dialog: Dialog, place: int) -> Dialog:
    """Return a dialog of one question without one of its options."""
    step = dialog.steps[0]
    choices = (*step.choices[:place], *step.choices[place + 1 :])
    return replace(dialog, steps=(replace(step, choices=choices), *dialog.steps[1:]))


def text_of(dialog: Dialog, step: int, part: str) -> Text:
    """Return one text of a dialog: `t` its title, `w` its reason; of a step `l` the label, `h` the hint, `c0` a choice.

    Raises LookupError for one that is not there.
    """
    if part in {"t", "w"}:
        return dialog.title if part == "t" else dialog.why
    own = dialog.steps[step]
    if part in {"l", "h"}:
        return own.label if part == "l" else own.hint
    return own.choices[int(part[1:])].label


def reworded(dialog: Dialog, step: int, part: str, language: str, words: str, recording: str = "") -> Dialog:
    """Return a dialog with one text changed in one language (see `text_of`), and its recording with it."""
    declared = tuple(dict.fromkeys((*dialog.languages, language)))
    dialog = replace(dialog, languages=declared)
    text = _put(text_of(dialog, step, part), language, words)
    if part in {"t", "w"}:
        return replace(dialog, title=text) if part == "t" else replace(dialog, why=text)
    own = dialog.steps[step]
    if part == "l" and len(dialog.steps) == 1 and dialog.title.get(language) == shorten(own.label[language], TITLE):
        # The title of a dialog of one question is that question's words.
        dialog = replace(dialog, title={**dialog.title, language: shorten(words, TITLE)})
    if part == "h":
        own = replace(own, hint=text)
    elif part == "l":
        # The old recording would say other words than are written now.
        own = replace(own, label=text, audio=_put(own.audio, language, recording))
    else:
        place = int(part[1:])
        changed = replace(own.choices[place], label=text)
        own = replace(own, choices=(*own.choices[:place], changed, *own.choices[place + 1 :]))
    return replace(dialog, steps=(*dialog.steps[:step], own, *dialog.steps[step + 1 :]))


def _way(tag: str, language: str) -> bool:
    row = languages.LANGUAGES.get(tag)
    return row is not None and row.register and row.parent == language


def _put(text: Text, language: str, words: str) -> Text:
    """Return a text with new words in a language; registers of it with the old words are removed, so they fall back."""
    others: Mapping[str, str] = {tag: said for tag, said in text.items() if tag != language and not _way(tag, language)}
    return {**others, language: words} if words else others


def issues(dialog: Dialog) -> tuple[list[Issue], list[Issue]]:
    """Return the issues of a dialog, checked like a file: the errors, and the others."""
    found = [each for each in check(dialog) if each.code not in PASSED_OVER]
    return [each for each in found if each.severity == "error"], [each for each in found if each.severity != "error"]


def promised(screen: Screen, dialog: Dialog) -> list[str]:
    """Return a kind warning about what a dialog promises; nothing where it promises nothing."""
    found = promises.quoted(screen.speech.texts, screen.speech.language, promises.in_dialog(dialog))
    return [screen.words("promise.warning", words=found)] if found else []


def free_name(turns: Turns, unit: Unit, words: str) -> str:
    """Return a name, made from some words, that no dialog has or had."""
    plain = slug(words)[:40].strip("_") or "question"
    while True:
        name = f"{plain}_{clock.new_id().hex[-4:]}"
        if name not in turns.content.files and unit.versions.latest(name) is None:
            return name


def save(unit: Unit, person: Person, dialog: Dialog, base: str | None = None, cohort_id: UUID | None = None) -> None:
    """Store a dialog as the present version of its name, so that it is found like any other.

    A new one is made for a cohort, or (None) for the house.
    """
    save_version(unit, dialog)
    unit.own_dialogs.save(dialog.name, dialog.version, base, person.id, cohort_id)
    unit.audit.add(str(person.id), "dialog.changed", dialog.name, {"version": dialog.version})


def copy(turns: Turns, unit: Unit, person: Person, dialog: Dialog) -> Dialog:
    """Store a copy of a dialog as an own dialog, with a title that says it is a copy; returns it."""
    texts = turns.texts
    title = {
        tag: texts.say("lib.copied", tag, title=words) if languages.base(tag) in texts.languages else words
        for tag, words in dialog.title.items()
    }
    name = free_name(turns, unit, dialog.name)
    made = Dialog(name, dialog.kind, title, dialog.why, dialog.minutes, dialog.languages, dialog.steps)
    save(unit, person, made, dialog.name, own_dialogs.made_for(unit, person))
    return made


def spoken_in(unit: Unit, person: Person, cohorts: Sequence[UUID], dialog: Dialog) -> list[str]:
    """Return the languages a dialog has or could have words in: its own, the person's, and those of some cohorts."""
    tags = [*dialog.languages, languages.base(language_of(person))]
    for cohort_id in cohorts:
        if (cohort := unit.cohorts.get(cohort_id)) is not None:
            tags += cohort.languages
    return list(dict.fromkeys(tags))
