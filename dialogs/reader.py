"""Reading YAML text into a Dialog, or all of its issues at once. It opens no file.

The keys are XLSForm's; `library/README.md` shows them to authors.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import yaml

from dialogs import types
from dialogs.checks import check
from dialogs.fuzzy_match import nearest
from dialogs.issues import Issue
from dialogs.languages import DEFAULT
from dialogs.model import APPEARANCES, KINDS, NOTE, SPEC, Choice, Dialog, Kind, Step, StepType
from dialogs.source import Entries, Unreadable, YamlSource, compose, line_of, tag

_TOP: Final = ("spec", "name", "kind", "title", "why", "minutes", "languages", "steps", "facts")
_TOP_TEXTS: Final = ("title", "why")
_STEP: Final = (
    "type",
    "name",
    "label",
    "hint",
    "required",
    "required_message",
    "relevant",
    "constraint",
    "constraint_message",
    "choices",
    "choices_from",
    "appearance",
    "parameters",
    "calculation",
    "default",
    "audio",
)
_STEP_TEXTS: Final = ("label", "hint", "required_message", "constraint_message", "audio")
_CHOICE: Final = ("name", "label", "said")
_NUMBER: Final = re.compile(r"-?\d{1,9}", re.ASCII)
# Begun once a word, and nothing given back: a word of thousands of letters is read once.
_PARAMETER: Final = re.compile(r"(?<![\w-])([\w-]++)\s*+=\s*+([^\s,;]+)")
_MINUTES_PER_QUESTION: Final = 0.5


@dataclass(frozen=True, slots=True)
class ReadResult:
    """The result of reading: `dialog` is None if any issue is an error. Issues are in the order of their lines."""

    dialog: Dialog | None
    issues: tuple[Issue, ...]


def read(text: str, name: str) -> ReadResult:
    """Read a dialog from YAML text. `name` is its file's name without the ending. Never raises."""
    try:
        root = compose(text.removeprefix("\ufeff"))
    except Unreadable as error:
        return ReadResult(None, (error.found,))
    reader = _Reader(name)
    dialog = reader.dialog(root)
    issues = [*reader.source.issues, *check(dialog, reader.lines)]
    issues.sort(key=lambda each: each.line)
    faulty = any(each.severity == "error" for each in issues)
    return ReadResult(None if faulty else dialog, tuple(issues))


class _Reader:
    """Builds a dialog from nodes, whatever is wrong with them, so that the checks see as much as possible."""

    def __init__(self, name: str) -> None:
        self.file = name
        self.source = YamlSource()
        self.lines: dict[tuple[int, str], int] = {}
        self.languages: tuple[str, ...] = (DEFAULT,)

    @property
    def default(self) -> str:
        """The language of words without one."""
        return self.languages[0]

    def dialog(self, root: yaml.MappingNode) -> Dialog:
        source = self.source
        entries = source.entries(root, "", _TOP, _TOP_TEXTS)
        self.note_lines(0, entries)
        self.spec(root, entries)
        kind = self.kind(root, entries)
        self.languages = self.tags(root, entries) or self.languages
        title, why = (source.text(entries, key, "", self.default) for key in _TOP_TEXTS)
        for key, text in (("title", title), ("why", why)):
            if not text and not (key == "why" and kind == "staff"):
                source.add_issue(root, key, "missing_key", key=key)
        if "steps" not in entries:
            source.add_issue(root, "steps", "missing_key", key="steps")
        steps = tuple(
            self.step(place, node) for place, node in enumerate(source.items(entries.get("steps"), "steps"), start=1)
        )
        waiting = sum(step.waits for step in steps)
        minutes = source.whole(entries.get("minutes"), "minutes")
        return Dialog(
            name=self.name(entries),
            kind=kind,
            title=title,
            why=why,
            minutes=minutes or max(1, round(waiting * _MINUTES_PER_QUESTION)),
            languages=self.languages,
            steps=steps,
            facts=self.facts(entries, kind),
        )

    def facts(self, entries: Entries, kind: Kind) -> tuple[str, ...]:
        """Read which further blanks the bot fills; only a dialog of kind `staff` may have such."""
        node = entries.get("facts")
        if node is not None and kind != "staff":
            self.source.add_issue(node, "facts", "useless_key", key="facts", type=kind)
            return ()
        items = self.source.items(node, "facts")
        return tuple(word for each in items if (word := self.source.word(each, "facts")))

    def note_lines(self, place: int, entries: Entries) -> None:
        for key, node in entries.items():
            self.lines.setdefault((place, key.partition("::")[0]), line_of(node))

    def spec(self, root: yaml.Node, entries: Entries) -> None:
        word = self.source.word(entries.get("spec"), "spec")
        if word is None:
            self.source.add_issue(root, "spec", "missing_key", key="spec")
        elif word != str(SPEC):
            self.source.add_issue(entries["spec"], "spec", "unknown_spec", found=word)

    def kind(self, root: yaml.Node, entries: Entries) -> Kind:
        word = self.source.word(entries.get("kind"), "kind")
        if word is None:
            self.source.add_issue(root, "kind", "missing_key", key="kind")
        elif word not in KINDS:
            near = nearest(word, KINDS)
            self.source.add_issue(entries["kind"], "kind", "unknown_kind", found=word, near=near)
        return word if word in KINDS else "reflection"

    def name(self, entries: Entries) -> str:
        word = self.source.word(entries.get("name"), "name")
        if word is None:
            return self.file
        if word != self.file:
            self.source.add_issue(entries["name"], "name", "name_differs", name=word, file=self.file)
        return word

    def tags(self, root: yaml.Node, entries: Entries) -> tuple[str, ...]:
        node = entries.get("languages")
        if isinstance(node, yaml.ScalarNode):
            found = [tag(word) for word in re.split(r"[\s,]+", node.value.strip()) if word]
        else:
            items = self.source.items(node, "languages")
            found = [tag(word) for each in items if (word := self.source.word(each, "languages"))]
        if not found:
            self.source.add_issue(node or root, "languages", "missing_key", key="languages")
        return tuple(dict.fromkeys(found))

    # steps

    def step(self, place: int, node: yaml.Node) -> Step:
        source, numbered = self.source, f"steps[{place}]"
        if not isinstance(node, yaml.MappingNode):
            source.bad(node, numbered, "mapping")
            return Step(NOTE, "", dict.fromkeys(self.languages, "-"), line=line_of(node))
        named = next((value for key, value in node.value if key.value == "name"), None)
        where = named.value if isinstance(named, yaml.ScalarNode) and named.value else numbered
        entries = source.entries(node, where, _STEP, _STEP_TEXTS)
        self.note_lines(place, entries)
        name = source.word(entries.get("name"), f"{where}.name") or ""
        if not name:
            source.add_issue(node, where, "missing_name")
        kind = self.type(node, where, entries)
        label, hint, required_message, constraint_message, audio = (
            source.text(entries, key, where, self.default) for key in _STEP_TEXTS
        )
        return Step(
            type=kind,
            name=name,
            label=label,
            hint=hint,
            required_message=required_message,
            constraint_message=constraint_message,
            required=source.truth(entries.get("required"), f"{where}.required"),
            relevant=source.word(entries.get("relevant"), f"{where}.relevant") or None,
            constraint=source.word(entries.get("constraint"), f"{where}.constraint") or None,
            choices=self.choices(place, where, entries),
            choices_from=source.word(entries.get("choices_from"), f"{where}.choices_from") or None,
            appearance=self.appearance(where, entries),
            parameters=self.parameters(node, where, entries, kind),
            calculation=source.word(entries.get("calculation"), f"{where}.calculation") or None,
            default=source.word(entries.get("default"), f"{where}.default") or None,
            audio=audio,
            line=line_of(node),
        )

    def type(self, node: yaml.Node, where: str, entries: Entries) -> StepType:
        word: str | None = self.source.word(entries.get("type"), f"{where}.type")
        known = types.names()
        if word is not None and word in known:
            return word
        if word is None:
            self.source.add_issue(node, f"{where}.type", "missing_key", key="type")
        else:
            near = nearest(word, known)
            self.source.add_issue(entries["type"], f"{where}.type", "unknown_type", found=word, near=near)
        # Treated as a type that fits the other keys, so that this one slip is not reported twice.
        return types.fallback(listed=bool({"choices", "choices_from"} & entries.keys()))

    def choices(self, place: int, where: str, entries: Entries) -> tuple[Choice, ...]:
        found: list[Choice] = []
        node = entries.get("choices")
        for number, each in enumerate(self.source.items(node, f"{where}.choices"), start=1):
            key = f"choices[{number}]"
            self.lines[place, key] = line_of(each)
            if not isinstance(each, yaml.MappingNode):
                self.source.bad(each, f"{where}.{key}", "mapping")
                # Something in its place, so that those behind it are told by their own.
                found.append(Choice("", dict.fromkeys(self.languages, f"- {number}")))
                continue
            parts = self.source.entries(each, f"{where}.{key}", _CHOICE, ("label", "said"))
            for part, value in parts.items():
                self.lines.setdefault((place, f"{key}.{part.partition('::')[0]}"), line_of(value))
            name = self.source.word(parts.get("name"), f"{where}.{key}.name") or ""
            if not name:
                self.source.add_issue(each, f"{where}.{key}", "missing_name")
            label, said = (self.source.text(parts, part, f"{where}.{key}", self.default) for part in ("label", "said"))
            found.append(Choice(name, label, said))
        return tuple(found)

    def appearance(self, where: str, entries: Entries) -> frozenset[str]:
        node = entries.get("appearance")
        words = re.split(r"[\s,]+", self.source.word(node, f"{where}.appearance") or "")
        for word in words:
            if node is not None and word and word not in APPEARANCES:
                near = nearest(word, APPEARANCES)
                self.source.add_issue(node, f"{where}.appearance", "unknown_appearance", found=word, near=near)
        return frozenset(words) & frozenset(APPEARANCES)

    # parameters

    def parameters(self, step: yaml.Node, where: str, entries: Entries, kind: StepType) -> Mapping[str, int]:
        node = entries.get("parameters")
        place = f"{where}.parameters"
        known = {each.name: each for each in types.get(kind).parameters}
        if not known:
            if node is not None:
                self.source.add_issue(node, place, "useless_key", key="parameters", type=kind)
            return {}
        found: dict[str, int] = {}
        pairs = self.pairs(node, place)
        for name, value in pairs.items():
            if name not in known:
                near = nearest(name, tuple(known))
                self.source.add_issue(node or step, place, "unknown_parameter", parameter=name, near=near)
            elif not _NUMBER.fullmatch(value) or _too_small(int(value), known[name].least):
                self.source.add_issue(node or step, place, "bad_parameter", parameter=name, found=value)
            else:
                found[name] = int(value)
        for name, parameter in known.items():
            if parameter.required and name not in pairs:
                self.source.add_issue(node or step, place, "missing_parameter", parameter=name)
        bounds, wrong = types.get(kind).check_parameters(found)
        for each in wrong:
            self.source.add_issue(node or step, place, each.code, **each.facts)
        return bounds

    def pairs(self, node: yaml.Node | None, place: str) -> dict[str, str]:
        """Read `start=1 end=5` or a mapping."""
        if isinstance(node, yaml.MappingNode):
            return {
                key.value: self.source.word(value, place) or ""
                for key, value in node.value
                if isinstance(key, yaml.ScalarNode)
            }
        word = self.source.word(node, place) or ""
        if node is not None and word and _PARAMETER.sub("", word).strip(" ,;"):
            self.source.bad(node, place, "start=1 end=5 step=1")
        return dict(_PARAMETER.findall(word))


def _too_small(number: int, least: int | None) -> bool:
    return least is not None and number < least
