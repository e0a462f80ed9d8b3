"""Issues of a dialog, as codes with facts; the sentences are written elsewhere, in the product's own voice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from dialogs.tokens import FAULTS

Severity: TypeAlias = Literal["error", "warning"]

_ERRORS: Final[Mapping[str, str]] = {
    # the file
    "empty_file": "",
    "too_large": "max",
    "not_yaml": "problem",
    "unquoted_question": "",
    "wrong_root": "found",
    # keys and values
    "duplicate_key": "key",
    "unknown_key": "key near",
    "missing_key": "key",
    "bad_value": "key found expected",
    "unknown_spec": "found",
    "unknown_kind": "found near",
    "bad_language": "language",
    # steps and their names
    "no_steps": "",
    "too_many_steps": "count max",
    "unknown_type": "found near",
    "missing_name": "",
    "bad_name": "name suggestion",
    "duplicate_name": "name first",
    "reserved_name": "name",
    # words
    "missing_label": "",
    "label_too_long": "language length max",
    "button_too_long": "language length max",
    # choices and recordings
    "missing_choices": "type",
    "unwanted_choices": "type",
    "two_lists": "",
    "bad_choice_name": "choice suggestion",
    "duplicate_choice": "choice",
    "choice_outside_range": "choice min max",
    "bad_audio": "file",
    # calculations and parameters
    "missing_calculation": "",
    "missing_parameter": "parameter",
    "bad_parameter": "parameter found",
    "unknown_parameter": "parameter near",
    "empty_range": "start end",
    "uneven_range": "start end step",
    # references
    "unknown_reference": "name near",
    "forward_reference": "name",
    "last_saved_place": "name",
    "no_own_value": "",
    # expressions
    **{f"expression_{code}": " ".join(("position", *sorted(facts))) for code, facts in FAULTS.items()},
}

_WARNINGS: Final[Mapping[str, str]] = {
    "name_differs": "name file",
    "no_questions": "",
    "label_long": "language length max",
    "button_long": "language length max",
    "many_choices": "count max",
    "same_choice_label": "label language",
    "missing_language": "language",
    "undeclared_language": "language near",
    "unknown_appearance": "found near",
    "useless_key": "key type",
    "missing_constraint_message": "",
    "unknown_value": "name value near",
    "bad_default": "found type near",
    "never_relevant": "",
}

CODES: Final[Mapping[str, tuple[Severity, frozenset[str]]]] = {
    **{code: ("error", frozenset(facts.split())) for code, facts in _ERRORS.items()},
    **{code: ("warning", frozenset(facts.split())) for code, facts in _WARNINGS.items()},
}
"""Every issue there is: its severity, and the names of its facts. A closed set.

`near` is what was probably meant, `suggestion` a name that would do; each is '' where there is none.
`unquoted_question` is the one YAML slip that every author makes: a question mark between braces, without quotes.
`position` is the character of the expression, from 1; `first` the line where the name was used first.
"""


@dataclass(frozen=True, slots=True)
class Issue:
    """One issue.

    `line` counts from 1, 0 where it is unknown. `place` names step and key, `mood.choices[2].label`; a step without a
    name is `steps[3]`, counted from 1.
    """

    code: str
    severity: Severity
    line: int
    place: str
    facts: Mapping[str, str] = field(default_factory=dict)


def issue(code: str, line: int, place: str, /, **facts: object) -> Issue:
    """Return an issue of the closed set, with every fact converted to text.

    Raises:
        KeyError: there is no such code, or it takes other facts.
    """
    severity, names = CODES[code]
    if names != facts.keys():
        raise KeyError(f"{code} takes {sorted(names)}, not {sorted(facts)}")
    return Issue(code, severity, line, place, {name: str(fact) for name, fact in facts.items()})
