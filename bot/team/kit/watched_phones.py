"""What one of the team is told about the phone of somebody they read about or write to."""

from datetime import timedelta
from uuid import UUID

from bot.messengers import registry
from bot.rendering.speech import Speech
from bot.services.phones import watched
from storage.alerts import Alert
from storage.people import Person

SHORT = 70  # characters of the shortest warning: what is longer takes its room from what is below
LASTS = timedelta(days=30)  # of what was said while others could see the phone


def told(speech: Speech, person_id: UUID, alert: Alert | None = None) -> str:
    """Return the sentences about who sees a person's phone and whether it rings; '' where nobody else sees it.

    Whoever holds a phone can say that nobody else sees it: what was written before that keeps its warning.

    Args:
        speech: in what language, to whom.
        person_id: whose phone.
        alert: what is read about; else the alerts of the last days count.
    """
    person = speech.unit.people.get(person_id)
    if person is None:
        return ""
    if watched(person):
        lines = [speech.words("alert.watched" if person.preferences.get("phone") else "alert.unasked")]
    else:
        since = speech.unit.now - LASTS
        found = [alert] if alert is not None else speech.unit.alerts.of(person.id, since)
        lines = [speech.words("alert.was_watched")] if any(each.watched for each in found) else []
    if lines and _only_page(person):
        lines.append(speech.words("alert.page"))
    return " ".join(lines)


def beyond(sentences: str) -> int:
    """Return how many characters more than the shortest warning these sentences have."""
    return max(0, len(sentences) - SHORT)


def _only_page(person: Person) -> bool:
    return person.messenger is not None and not registry.of(person.messenger).rings
