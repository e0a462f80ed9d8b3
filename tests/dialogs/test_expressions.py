"""The expression language: what it means, what it refuses, and that it never breaks."""

import math
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogs.expressions import DEEPEST, NESTING, Expression, compiled
from dialogs.functions import FUNCTIONS
from dialogs.operands import Operand, Scope, as_text
from dialogs.tokens import FAULTS, LONGEST, ExpressionError, SyntaxIssue

SCOPE = Scope(
    {"three": 3.0, "text": "3", "need": "call", "hours": "morning night", "zero": 0.0, "clabe": "012345678901234567"},
    own="hola que tal",
    now=datetime(2026, 3, 5, 2, 30, tzinfo=UTC),
    zone="America/Mexico_City",
)


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("'3' = 3", True),
        ("${text} = ${three}", True),
        ("'03' = 3", True),
        ("'3a' = 3", False),
        ("${three} != 4", True),
        ("${need} = 'call' or ${need} = 'information'", True),
        ("${need} != '' and ${need} != 'nothing'", True),
        ("'call' = ${need}", True),
        ("2 > 10", False),
        ("'2' > '10'", False),
        ("${text} <= 3", True),
        ("true() = 'x'", True),
        ("false() = 'x'", False),
        ("${three} < 3", False),
        ("${three} > 3", False),
        ("${three} >= 3", True),
        ("today() < '2026-03-04'", False),
        ("today() <= '2026-03-04'", True),
        ("today() > '2026-03-04'", False),
        ("today() >= '2026-03-04'", True),
        ("(false() or true()) and true()", True),
        ("${clabe} = '012345678901234568'", False),
        ("today() > '2026-01-01'", True),
        ("today() < '2026-03-05'", True),
        ("${need} < 'zeta'", False),
        ("today() > '2026-12-01'", False),
        ("'2026-03-05' < 'zeta'", False),
        ("'zeta' > '2026-03-05'", False),
        ("3 < 'zeta'", False),
        ("'1000000000000000000' = 1000000000 * 1000000000", True),
        ("${need} or 'call'", True),
        ("false() and 'call'", False),
    ],
)
def test_comparisons(source: str, value: Operand) -> None:
    """Numbers compare as numbers when both sides look like numbers, dates in order, all else as text."""
    assert compiled(source).value(SCOPE) is value


@pytest.mark.parametrize("operator", ["<", "<=", ">", ">=", "="])
def test_what_was_not_answered_compares_as_empty(operator: str) -> None:
    """An unanswered question is '' and raises nothing: it equals only '', and stands in no order."""
    assert compiled("${nobody} = ''").holds(SCOPE)
    assert compiled("${nobody} != 'x'").holds(SCOPE)
    assert not compiled(f"${{nobody}} {operator} 0").holds(SCOPE)
    assert compiled("${zero} != ''").holds(SCOPE)


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("1 + 2 * 3", 7.0),
        ("(1 + 2) * 3", 9.0),
        ("7 div 2", 3.5),
        ("-7 mod 2", -1.0),
        ("2 - -3", 5.0),
        ("-${three} * 2", -6.0),
        ("10 - 2 - 3", 5.0),
        ("1 < 2 = true()", True),
        ("false() and false() or true()", True),
        ("${three}-1", 2.0),
        ("1 div 0", math.inf),
        ("-1 div 0", -math.inf),
    ],
)
def test_arithmetic_and_precedence(source: str, value: Operand) -> None:
    """Operators bind as XPath's do, from the left."""
    assert compiled(source).value(SCOPE) == value


@pytest.mark.parametrize("source", ["0 div 0", "5 mod 0", "${nobody} + 1", "'a' * 2", "int('x')", "round('x')"])
def test_what_is_no_number_stays_none(source: str) -> None:
    """Arithmetic on what is no number gives none, and none is not true."""
    value = compiled(source).value(SCOPE)

    assert isinstance(value, float)
    assert math.isnan(value)
    assert not compiled(source).holds(SCOPE)


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("selected(${hours}, 'night')", True),
        ("selected(${hours}, 'nigh')", False),
        ("selected(${nobody}, 'night')", False),
        ("count-selected(${hours})", 2.0),
        ("count-selected(${nobody})", 0.0),
        ("if(${three} > 2, 'many', 'few')", "many"),
        ("not(${nobody})", True),
        ("not('false')", False),
        ("if(false(), 1, 2)", 2.0),
        ("regex(., '[a-z ]+')", True),
        ("regex(., 'hola')", False),
        ("round(2.5)", 3.0),
        ("round(-2.5)", -2.0),
        ("round(2.675, 2)", 2.68),
        ("round(1234, -2)", 1200.0),
        ("round(1 div 3, 'x')", 1 / 3),
        ("round(1 div 0, 2)", math.inf),
        ("int(-3.7)", -3.0),
        ("number('12')", 12.0),
        ("string-length(.)", 12.0),
        ("string-length(${three})", 1.0),
        ("coalesce(${nobody}, ${need})", "call"),
        ("coalesce(${nobody}, '')", ""),
        ("coalesce(${zero}, ${need})", 0.0),
        ("concat('a', 1, 0.5, true())", "a10.5true"),
        ("concat(1 div 0, -1 div 0)", "Infinity-Infinity"),
        ("contains(., 'que')", True),
        ("starts-with(., 'que')", False),
        ("today()", "2026-03-04"),
        ("now()", "2026-03-04T20:30:00-06:00"),
    ],
)
def test_functions(source: str, value: Operand) -> None:
    """Each function does what ODK's does; today and now are those of the person's own zone."""
    assert compiled(source).value(SCOPE) == value


def test_every_function_is_tried_here() -> None:
    """No function is in the table without an example in this file."""
    tried = {source for mark in test_functions.pytestmark for source, _ in mark.args[1]}  # type: ignore[attr-defined]  # pytest puts it there
    untried = [name for name in FUNCTIONS if not any(f"{name}(" in source for source in tried)]

    assert len(FUNCTIONS) == 17
    assert untried == []


@pytest.mark.parametrize("source", ["\u2018a\u2019 = 'a'", '“a” = "a"', "\u00a0'a'\n=\t'a' "])
def test_what_spreadsheets_do_to_quotes_and_blanks_is_forgiven(source: str) -> None:
    """Curly quotes are quotes and odd blanks are blanks."""
    assert compiled(source).holds(SCOPE)


@pytest.mark.parametrize(
    ("source", "code", "position"),
    [
        ("", "empty", 1),
        ("  ", "empty", 1),
        ("${a} = ", "unexpected_end", 8),
        ("((1)", "missing_parenthesis", 5),
        ("1 1", "unexpected", 3),
        ("1 + * 2", "unexpected", 5),
        ("and", "unexpected", 1),
        ("need = 'call'", "unexpected", 1),
        ("'abc", "unclosed_string", 1),
        ("${a} & 1", "unknown_character", 6),
        ("${last-saved#a} = 1", "unknown_character", 1),
        ("/data/a", "unknown_character", 1),
        ("1 + slected(${a}, 'x')", "unknown_function", 5),
        ("selected(${a})", "wrong_argument_count", 1),
        ("regex(., '(')", "bad_pattern", 1),
        ("regex(., ${a})", "pattern_not_literal", 1),
        ("(" * (NESTING + 1), "too_deep", NESTING + 1),
        ("1" + "+1" * (DEEPEST + 1), "too_deep", 2 * DEEPEST),
        ("true()" + " or true()" * DEEPEST, "too_deep", 10 * DEEPEST - 2),
        ("int(1" + "+1" * (DEEPEST - 2) + ")+1", "too_deep", 2 * DEEPEST + 3),
        ("1" + "+1" * 200, "too_deep", 400),
        ("(1)+" + "(" * 40, "too_deep", 44),
        ("1" + " " * 4000, "too_long", 4000),
        ("1" * (LONGEST + 1), "too_long", LONGEST),
    ],
)
def test_faults_carry_their_place(source: str, code: str, position: int) -> None:
    """What cannot be compiled raises its fault, with the character it stands at and the facts it promises."""
    with pytest.raises(ExpressionError) as caught:
        compiled(source)
    fault = caught.value.faults[0]

    assert (fault.code, fault.position) == (code, position)
    assert fault.facts.keys() == FAULTS[code]


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("1" + "+1" * 199, 200),
        ("-1" + "+1" * 198, 197),
        ("(" * 39 + "1" + ")" * 39, 1),
        ("1" + " " * 3999, 1),
    ],
)
def test_what_is_as_deep_and_long_as_it_may_be_works_out(source: str, value: int) -> None:
    """Only what is beyond the limit is a fault."""
    assert compiled(source).value(SCOPE) == value


@pytest.mark.parametrize(
    ("expected", "sources"),
    [
        ("0", "true(1)  false(1)  today(1)  now(1)"),
        ("1", "count-selected()  count-selected(1, 2)  not()  not(1, 2)  int()  int(1, 2)  number()  number(1, 2)"),
        ("1", "string-length()  string-length(1, 2)"),
        ("1-2", "round()  round(1, 2, 3)"),
        ("1-99", "concat()"),
        ("2", "selected(1)  selected(1, 2, 3)  regex('a')  regex('a', 'b', 'c')  contains(1)  contains(1, 2, 3)"),
        ("2", "starts-with(1)  starts-with(1, 2, 3)"),
        ("2-99", "coalesce(1)"),
        ("3", "if(1, 2)  if(1, 2, 3, 4)"),
    ],
)
def test_a_function_takes_as_many_arguments_as_it_needs(expected: str, sources: str) -> None:
    """One too few and one too many are both told, with how many it takes, before anything is worked out."""
    for source in sources.split("  "):
        with pytest.raises(ExpressionError) as caught:
            compiled(source)
        assert [(fault.code, fault.facts["expected"]) for fault in caught.value.faults] == [
            ("wrong_argument_count", expected)
        ]


@pytest.mark.parametrize(
    ("source", "found"),
    [("${a} & 1", "&"), ("${last-saved#a} = 1", "${last-saved#a}"), ("$" + "x" * 50, "$" + "x" * 39)],
)
def test_what_fits_nowhere_is_shown(source: str, found: str) -> None:
    """Of a reference that is none, all of it as far as its brace; of anything else, the one character."""
    with pytest.raises(ExpressionError) as caught:
        compiled(source)

    assert caught.value.faults[0].facts == {"found": found}


def test_a_bad_pattern_is_told_to_its_author_alone(capfd: pytest.CaptureFixture[str]) -> None:
    """Nothing of it is written to where the program writes its own troubles."""
    with pytest.raises(ExpressionError, match="bad_pattern"):
        compiled("regex(., '(only here')")

    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("zone", ["", "Nowhere/At_All", "../etc/passwd", "America", "x" * 300])
def test_a_zone_that_nobody_knows_is_utc(zone: str) -> None:
    """Whatever stands in place of a zone, the hour can be told."""
    assert compiled("now()").value(Scope({}, now=SCOPE.now, zone=zone)) == "2026-03-05T02:30:00+00:00"


def test_every_fault_can_be_had() -> None:
    """The closed set of faults has no member that nothing raises."""
    tried = {code for mark in test_faults_carry_their_place.pytestmark for _, code, _ in mark.args[1]}  # type: ignore[attr-defined]  # pytest puts it there

    assert tried == FAULTS.keys()


def test_all_faults_are_told_at_once() -> None:
    """Wrong functions, counts and patterns of one expression come together, with what was probably meant."""
    with pytest.raises(ExpressionError) as caught:
        compiled("selcted(${a}, 'x') + not() + regex(., '[') + 1 +")

    assert [fault.code for fault in caught.value.faults] == [
        "unknown_function",
        "wrong_argument_count",
        "bad_pattern",
        "unexpected_end",
    ]
    assert caught.value.faults[0].facts["near"] == "selected"


def test_what_an_expression_reads_is_known() -> None:
    """References, the own value, comparisons with literals and constancy are there for the checks."""
    expression = compiled("${need} = 'call' and selected(${hours}, 'night') and . != 'x'")

    assert expression.references == {"need", "hours"}
    assert expression.reads_own
    assert set(expression.compared) == {("need", "call"), ("hours", "night"), (".", "x")}
    assert not expression.constant
    assert compiled("${need} = ${hours} or 'call' = 'night'").compared == ()
    assert compiled("1 = 2").constant
    assert not compiled("today() = '2026-01-01'").constant


def test_an_expression_is_compiled_once() -> None:
    """The same source gives the same compiled expression."""
    assert compiled("1 = 1") is compiled("1 = 1")


OPERATORS = [
    "and",
    "or",
    "=",
    "!=",
    "<",
    "<=",
    ">",
    ">=",
    "+",
    "-",
    "*",
    "div",
    "mod",
    "(",
    ")",
    ",",
    "[",
    "/",
    "$",
    "${",
]
OPERANDS = [".", "${need}", "${hours}", "${nobody}", "'call'", "''", "'12'", '"x"', "3", "0.5", ".5", "1e3", "9" * 15]
CALLS = ["selected(${hours}, 'x')", "regex(., 'a+')", "'2026-03-05'", *(f"{name}(" for name in FUNCTIONS)]
pieces = st.sampled_from([*OPERATORS, *OPERANDS, *CALLS])
sources = st.one_of(st.text(max_size=30), st.lists(pieces, max_size=12).map(" ".join))
operands = st.one_of(st.text(max_size=12), st.floats(), st.booleans(), st.text("\ud800a0.-", max_size=4))


def _compiled_or_faults(source: str) -> tuple[Expression | None, tuple[SyntaxIssue, ...]]:
    try:
        return compiled(source), ()
    except ExpressionError as error:
        return None, error.faults


@given(sources, st.dictionaries(st.sampled_from(["need", "hours"]), operands), operands)
def test_nothing_breaks_it(source: str, values: dict[str, Operand], own: Operand) -> None:
    """Any text compiles or raises its own error, and what compiled works out on any values."""
    expression, faults = _compiled_or_faults(source)
    if expression is None:
        assert faults
        assert all(fault.facts.keys() == FAULTS[fault.code] for fault in faults)
        return
    scope = Scope(values, own, datetime(2026, 3, 5, tzinfo=UTC), "Nowhere/At_All")

    assert isinstance(expression.holds(scope), bool)
    assert isinstance(as_text(expression.value(scope)), str)


@given(
    st.recursive(
        st.integers(0, 99).map(str),
        lambda part: st.tuples(part, st.sampled_from("+-*"), part).map(
            lambda three: f"({three[0]} {three[1]} {three[2]})"
        ),
        max_leaves=12,
    )
)
def test_whole_numbers_work_out_as_they_do_on_paper(source: str) -> None:
    """Arithmetic on small whole numbers is that of Python, which is that of paper."""
    assert compiled(source).value(SCOPE) == float(eval(source))  # noqa: S307  digits and operators of our own
