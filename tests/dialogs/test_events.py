"""What can happen: a closed set, each with a sample of itself."""

import inspect
import re
from datetime import UTC, datetime
from typing import get_args

import pytest

from dialogs import events


@pytest.mark.parametrize("kind", [*get_args(events.Event), events.Option, events.ReviewItem])
def test_every_event_shows_a_sample_of_itself(kind: type) -> None:
    """The sample in an event's docstring is an event of that kind."""
    found = re.search(r"Sample:(.*)", inspect.getdoc(kind) or "", re.DOTALL)
    assert found
    names = {**vars(events), "datetime": datetime, "UTC": UTC}
    sample = eval(found[1].strip(), names)  # noqa: S307  our own docstring

    assert type(sample) is kind


def test_the_set_is_closed() -> None:
    """Every event class of the module belongs to Event, and there are as many as the messengers know to show."""
    kinds = {each for _, each in inspect.getmembers(events, inspect.isclass) if each.__module__ == events.__name__}

    assert kinds - {events.Option, events.ReviewItem} == set(get_args(events.Event))
    assert len(get_args(events.Event)) == 20
