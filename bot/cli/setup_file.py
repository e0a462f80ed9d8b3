"""The answers for `hilo setup --from`: a YAML file, read whole and checked before anything is written."""

from collections.abc import Callable, Mapping
from datetime import date
from functools import cache
from typing import Any
from zoneinfo import available_timezones

import yaml

from bot.config import url
from bot.errors import Problem
from bot.product_languages import LANGUAGES
from bot.services import care, care_hours, hours, minors
from bot.services.care import LONGEST_NUMBER, LONGEST_WHOM, CareLine
from bot.services.care_hours import OpeningHours, UnreadableHours
from bot.services.organisation import DAYS_A_WEEK, weekday
from bot.services.reading_days import Away
from bot.services.watch import MOST as MOST_WATCHERS
from bot.services.watch import Watcher
from bot.services.week import MESSAGES_LIMIT
from dialogs import languages
from dialogs.languages import DEFAULT

LONGEST_RETENTION = 120
_SECRETS = frozenset({"token"})
LONGEST_PROTOCOL = 700  # characters: it is shown beside an alert, on one screen of a phone


class SetupError(Problem):
    """A file of answers that cannot be used."""


def read(text: str) -> dict[str, Any]:
    """Read and check the answers; a key without a value is left out, to be asked later. Raises SetupError."""
    try:
        given = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise SetupError("cli.error.yaml", line=mark.line + 1 if mark else 1) from error
    if not isinstance(given, dict):
        raise SetupError("cli.error.setup_shape")
    if unknown := sorted(str(key) for key in given if key not in _READERS):
        raise SetupError("cli.error.setup_key", keys=", ".join(unknown), known=", ".join(_READERS))
    return {key: _READERS[key](key, value) for key, value in given.items() if value is not None}


def check(key: str, value: object) -> Any:
    """Check one answer and return it as the record holds it; raises SetupError."""
    return _READERS[key](key, value)


@cache
def weekdays() -> Mapping[str, int]:
    """Return the names of the days of the week in every language, in small letters; Monday is 0."""
    return {weekday(day, tag).lower(): day for tag in LANGUAGES for day in range(DAYS_A_WEEK)}


def _wrong(key: str, found: object, expected: str) -> SetupError:
    return SetupError("cli.error.setup_value", key=key, found=_shown(key, found), expected=expected)


def _shown(key: str, found: object) -> object:
    """Return what a refusal shows of a value: nothing of a secret, since a terminal keeps what it shows."""
    return "…" if key in _SECRETS else found


def _words(key: str, value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise SetupError("cli.error.setup_text", key=key, found=_shown(key, value))
    return value.strip()


def _address(key: str, value: object) -> str:
    return url(key, _words(key, value)) or ""


def _list(key: str, value: object) -> list[Any]:
    if not isinstance(value, list):
        raise _wrong(key, value, "[ … , … ]")
    return value


def _languages(key: str, value: object) -> list[str]:
    for tag in _list(key, value):
        if tag not in languages.LANGUAGES:
            raise SetupError("cli.error.language", tag=tag)
    return list(_list(key, value))


def _zone(_: str, value: object) -> str:
    if value not in available_timezones():
        raise SetupError("cli.error.zone", zone=value)
    return str(value)


def _days(key: str, value: object) -> list[int]:
    found = []
    for day in _list(key, value):
        number = weekdays().get(str(day).lower(), day)
        if number not in range(7):
            raise SetupError("cli.error.day", day=day)
        found.append(int(number))
    return sorted(set(found))


def _months(key: str, value: object) -> int:
    if not isinstance(value, int) or not 1 <= value <= LONGEST_RETENTION:
        raise _wrong(key, value, f"1-{LONGEST_RETENTION}")
    return value


def _weekly(key: str, value: object) -> int:
    most = DAYS_A_WEEK + (key == MESSAGES_LIMIT)  # one more than what asks something
    if not isinstance(value, int) or not 1 <= value <= most:
        raise _wrong(key, value, f"1-{most}")
    return value


def _by_language(key: str, value: object) -> dict[str, str]:
    if not isinstance(value, dict) or not value:
        raise _wrong(key, value, "{es: …, en: …}")
    return {tag: _words(f"{key}.{tag}", words) for tag, words in zip(_languages(key, list(value)), value.values())}  # noqa: B905  one list, twice


def _card(key: str, value: object) -> dict[str, str]:
    """Read words for the care card, by language: they say to whom one can turn."""
    found = _by_language(key, value)
    for tag, words in found.items():
        if not care.says_whom(words):
            raise _wrong(f"{key}.{tag}", words, "Rosa, de la Escuela: 951 123 4567")
    return found


def _care_lines(key: str, value: object) -> list[dict[str, Any]]:
    found = [_care_line(f"{key}.{place}", each) for place, each in enumerate(_list(key, value), 1)]
    if len(found) > care.MOST:
        raise _wrong(key, len(found), f"≤ {care.MOST}")
    return found


def _care_line(key: str, value: object) -> dict[str, Any]:
    """Read one line of the care card; hours that are left out mean day and night."""
    if not isinstance(value, dict) or (unknown := sorted(str(each) for each in value if each not in _CARE_LINE)):
        raise _wrong(key, unknown if isinstance(value, dict) else value, "{whom: …, number: …, hours: …}")
    whom = value.get("whom")
    named = _by_language(f"{key}.whom", whom) if isinstance(whom, dict) else {DEFAULT: _words(f"{key}.whom", whom)}
    number = _words(f"{key}.number", str(value.get("number") or ""))
    for name, text, most in (("whom", max(named.values(), key=len), LONGEST_WHOM), ("number", number, LONGEST_NUMBER)):
        if len(text) > most:
            raise _wrong(f"{key}.{name}", f"{text[:20]}…", f"≤ {most}")
    if not all(map(care.says_whom, named.values())):
        raise _wrong(f"{key}.whom", min(named.values(), key=len), "Rosa, de la Escuela")
    if not care.can_be_dialled(number):
        raise _wrong(f"{key}.number", number, "951 123 4567")
    hours = _hours(f"{key}.hours", value.get("hours"))
    tags = tuple(_languages(f"{key}.languages", value.get("languages") or []))
    free = value.get("without_credit")
    return CareLine(named, number, hours, tags, None if free is None else _yes(f"{key}.without_credit", free)).kept()


def _watch(key: str, value: object) -> list[dict[str, Any]]:
    """Read who is on watch; an empty list means nobody."""
    found = []
    for place, each in enumerate(_list(key, value), 1):
        if not isinstance(each, dict) or (set(each) - {"name", "hours"}):
            raise _wrong(f"{key}.{place}", each, "{name: …, hours: …}")
        name = _words(f"{key}.{place}.name", each.get("name"))
        found.append(Watcher(name, _hours(f"{key}.{place}.hours", each.get("hours"))).kept())
    if len(found) > MOST_WATCHERS:
        raise _wrong(key, len(found), f"≤ {MOST_WATCHERS}")
    return found


def _hours(key: str, value: object) -> OpeningHours:
    if value is None:
        return OpeningHours()
    try:
        return care_hours.read(_words(key, value))
    except UnreadableHours as error:
        raise _wrong(key, value, "lunes a viernes de 9 a 18 · Monday to Friday 9-18 · 24 horas") from error


def _words_by_language(key: str, value: object) -> dict[str, list[str]]:
    if not isinstance(value, dict):
        raise _wrong(key, value, "{es: [ … ], en: [ … ]}")
    tags = _languages(key, list(value))
    return {tag: [_words(f"{key}.{tag}", word) for word in _list(f"{key}.{tag}", value[tag])] for tag in tags}


def _protocol(key: str, value: object) -> dict[str, str]:
    texts = _by_language(key, value)
    for tag, text in texts.items():
        if len(text) > LONGEST_PROTOCOL:
            raise _wrong(f"{key}.{tag}", f"{text[:20]}…", f"≤ {LONGEST_PROTOCOL}")
    return texts


def _cohorts(key: str, value: object) -> list[dict[str, Any]]:
    found = []
    for each in _list(key, value):
        given = each if isinstance(each, Mapping) else {"name": each}
        cohort: dict[str, Any] = {"name": _words(f"{key}.name", given.get("name"))}
        if given.get("zone") is not None:
            cohort["zone"] = _zone(key, given["zone"])
        if given.get("languages") is not None:
            cohort["languages"] = _languages(f"{key}.languages", given["languages"])
        found.append(cohort)
    return found


def _away(key: str, value: object) -> dict[str, str]:
    if not isinstance(value, Mapping) or set(value) != {"since", "back"}:
        raise _wrong(key, value, "{since: 2026-12-20, back: 2027-01-07}")
    try:
        away = Away(date.fromisoformat(str(value["since"])), date.fromisoformat(str(value["back"])))
    except ValueError as error:
        raise _wrong(key, value, "{since: 2026-12-20, back: 2027-01-07}") from error
    if away.back <= away.since:
        raise _wrong(key, value, "since < back")
    return away.kept()


def _day(key: str, value: object) -> str:
    try:
        return date.fromisoformat(str(value)).isoformat()
    except ValueError as error:
        raise _wrong(key, value, "2026-11-20") from error


def _yes(key: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise _wrong(key, value, "true / false")
    return value


_CARE_LINE = frozenset({"whom", "number", "hours", "languages", "without_credit"})


def _minors(key: str, value: object) -> dict[str, Any]:
    if not isinstance(value, Mapping) or not isinstance(value.get("anybody"), bool):
        raise _wrong(key, value, "{anybody: true / false, …}")
    if unknown := sorted(str(each) for each in value if each not in minors.KEYS):
        raise _wrong(key, ", ".join(unknown), ", ".join(minors.KEYS))
    found: dict[str, Any] = {"anybody": value["anybody"]}
    if not found["anybody"]:
        return found
    found["person"] = _words(f"{key}.person", value.get("person"))
    found["reported_to"] = _by_language(f"{key}.reported_to", value.get("reported_to"))
    if value.get("care_card") is not None:
        found["care_card"] = _card(f"{key}.care_card", value["care_card"])
    if value.get("danger_words") is not None:
        found["danger_words"] = _words_by_language(f"{key}.danger_words", value["danger_words"])
    if value.get("hours") is not None:
        found["hours"] = _list(f"{key}.hours", value["hours"])
        if not set(found["hours"]) <= set(hours.CHOICES):
            raise _wrong(f"{key}.hours", value["hours"], ", ".join(hours.CHOICES))
    return found


_READERS: dict[str, Callable[[str, object], Any]] = {
    "name": _words,
    "languages": _languages,
    "zone": _zone,
    "reading_days": _days,
    "retention_months": _months,
    "askings_a_week": _weekly,
    "messages_a_week": _weekly,
    "away": _away,
    "risk_talk": _day,
    "care_card": _card,
    "care_lines": _care_lines,
    "watch": _watch,
    "after_alert": _by_language,
    "why": _words,
    "stop_when": _words,
    "danger_words": _words_by_language,
    "danger_marked": _words_by_language,
    "danger_refused": _words_by_language,
    "danger_unmarked": _words_by_language,
    "danger_protocol": _protocol,
    "minors": _minors,
    "cohorts": _cohorts,
    "token": _words,
    "public_url": _address,
    "key_kept": _yes,
}

KEYS = tuple(_READERS)
