"""The closed set of issues."""

import pytest

from dialogs.issues import CODES, issue
from dialogs.tokens import FAULTS


def test_every_expression_fault_is_an_issue() -> None:
    """Each fault has its issue, with its position beside its facts."""
    for code, facts in FAULTS.items():
        assert CODES[f"expression_{code}"] == ("error", facts | {"position"})


def test_an_issue_has_the_severity_of_its_code_and_all_its_facts() -> None:
    """Facts are written out as text; a missing, a surplus or an unknown one is a mistake of ours, told at once."""
    assert issue("many_choices", 3, "need.choices", count=7, max=5).facts == {"count": "7", "max": "5"}
    assert issue("many_choices", 3, "need.choices", count=7, max=5).severity == "warning"
    for code, facts in (("many_choices", {"count": 7}), ("no_steps", {"count": 7}), ("nobody", {})):
        with pytest.raises(KeyError):
            issue(code, 1, "", **facts)
