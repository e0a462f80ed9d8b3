"""A YAML source as composed nodes, so that everything read from it knows its line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

import yaml

from dialogs.fuzzy_match import nearest
from dialogs.issues import Issue, issue

LARGEST: Final = 1_000_000
"""Maximum number of characters of one source."""

_NULL: Final = "tag:yaml.org,2002:null"
_IN_PARENTHESES: Final = re.compile(r".*\(\s*([A-Za-z0-9_-]+)\s*\)\s*")
_YES: Final = frozenset({"yes", "true", "true()", "on", "1"})
_NO: Final = frozenset({"no", "false", "false()", "off", "0", ""})

Entries = dict[str, yaml.Node]
"""The keys of one mapping, including those with a language (`label::es`), with the nodes of their values."""


class Unreadable(Exception):
    """A source that is not a YAML mapping; `found` is the issue that says why."""

    def __init__(self, found: Issue) -> None:
        super().__init__(found.code)
        self.found = found


def compose(text: str) -> yaml.MappingNode:
    """Compose the one mapping that a source must be.

    Raises:
        Unreadable: it is empty, too large, not YAML, or something else than a mapping.
    """
    if len(text) > LARGEST:
        raise Unreadable(issue("too_large", 1, "", max=LARGEST))
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        raise Unreadable(_misread(error)) from error
    except (RecursionError, ValueError) as error:
        raise Unreadable(issue("not_yaml", 1, "", problem="")) from error
    if node is None or (isinstance(node, yaml.ScalarNode) and not node.value):
        raise Unreadable(issue("empty_file", 1, ""))
    if not isinstance(node, yaml.MappingNode):
        raise Unreadable(issue("wrong_root", line_of(node), "", found=kind_of(node)))
    return node


def _misread(error: yaml.YAMLError) -> Issue:
    mark = getattr(error, "problem_mark", None)
    line = mark.line + 1 if mark else 1
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or ""
    if problem.endswith("but got '?'"):
        return issue("unquoted_question", line, "")
    return issue("not_yaml", line, "", problem=problem)


def line_of(node: yaml.Node) -> int:
    """Return the line of a node, counted from 1."""
    return int(node.start_mark.line) + 1


def kind_of(node: yaml.Node) -> str:
    """Return what a node is: mapping, list or text."""
    if isinstance(node, yaml.MappingNode):
        return "mapping"
    return "list" if isinstance(node, yaml.SequenceNode) else "text"


class YamlSource:
    """Reads nodes, and collects what is wrong with them."""

    def __init__(self) -> None:
        self.issues: list[Issue] = []

    def add_issue(self, node: yaml.Node, place: str, code: str, /, **facts: object) -> None:
        """Add an issue at the line of a node."""
        self.issues.append(issue(code, line_of(node), place, **facts))

    def entries(self, node: yaml.MappingNode, place: str, known: Sequence[str], texts: Sequence[str]) -> Entries:
        """Read a mapping's keys, without empty ones; `texts` are those that may carry a language after `::`."""
        found: Entries = {}
        for key_node, value in node.value:
            key = key_node.value if isinstance(key_node, yaml.ScalarNode) else ""
            where = f"{place}.{key}" if place else key
            plain, _, language = key.partition("::")
            if plain not in (texts if language else known):
                self.add_issue(key_node, where, "unknown_key", key=key, near=nearest(plain, known))
            elif key in found:
                self.add_issue(key_node, where, "duplicate_key", key=key)
            elif value.tag != _NULL:
                found[key] = value
        return found

    def bad(self, node: yaml.Node, place: str, expected: str) -> None:
        """Add an issue that a value is not what its key takes."""
        key = place.rpartition(".")[2]
        found = node.value[:40] if isinstance(node, yaml.ScalarNode) else kind_of(node)
        self.add_issue(node, place, "bad_value", key=key, found=found, expected=expected)

    def word(self, node: yaml.Node | None, place: str) -> str | None:
        """Read a scalar as the text in the source: `no` is a word, `007` keeps its noughts."""
        if node is None:
            return None
        if not isinstance(node, yaml.ScalarNode):
            self.bad(node, place, "text")
            return None
        return str(node.value).strip()

    def whole(self, node: yaml.Node | None, place: str) -> int | None:
        """Read a whole number."""
        word = self.word(node, place)
        if node is None or word is None:
            return None
        if not re.fullmatch(r"\d{1,6}", word, re.ASCII):
            self.bad(node, place, "number")
            return None
        return int(word)

    def truth(self, node: yaml.Node | None, place: str) -> bool:
        """Read yes or no, as YAML and XLSForm write them."""
        word = (self.word(node, place) or "").lower()
        if node is not None and word not in _YES | _NO:
            self.bad(node, place, "yes, no")
        return word in _YES

    def items(self, node: yaml.Node | None, place: str) -> Sequence[yaml.Node]:
        """Read a list."""
        if node is None:
            return ()
        if not isinstance(node, yaml.SequenceNode):
            self.bad(node, place, "list")
            return ()
        return list(node.value)

    def text(self, entries: Entries, key: str, place: str, default: str) -> dict[str, str]:
        """Read words per language: a mapping, plain words in the `default` language, or `label::es` keys."""
        found: dict[str, str] = {}
        for language, node in self._worded(entries, key, place, default):
            where = f"{place}.{key}" if place else key
            words = self.word(node, where)
            if words and language in found:
                self.add_issue(node, where, "duplicate_key", key=f"{key}::{language}")
            elif words:
                found[language] = words
        return found

    def _worded(self, entries: Entries, key: str, place: str, default: str) -> Iterator[tuple[str, yaml.Node]]:
        for each, node in entries.items():
            name, _, language = each.partition("::")
            if name != key:
                continue
            if language:
                yield tag(language), node
            elif isinstance(node, yaml.MappingNode):
                for key_node, value in node.value:
                    if value.tag == _NULL:
                        continue
                    yield tag(key_node.value) if isinstance(key_node, yaml.ScalarNode) else "", value
            elif isinstance(node, yaml.ScalarNode):
                yield default, node
            else:
                self.bad(node, f"{place}.{key}" if place else key, "text")


def tag(language: str) -> str:
    """Return the tag in a language's heading: `es`, `ES`, `Español (es)`."""
    inside = _IN_PARENTHESES.fullmatch(language)
    return (inside[1] if inside else language).strip().lower().replace("_", "-")
