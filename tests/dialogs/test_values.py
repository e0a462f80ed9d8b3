"""What the rooms hand one another are values: nobody changes them, and they carry nothing besides their fields."""

import dataclasses
import importlib
import pkgutil
from types import ModuleType

import pytest

import bot.pipeline
import dialogs
from dialogs.run import Answer
from dialogs.types.base import QuestionType


def _modules(package: ModuleType) -> list[ModuleType]:
    found = pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
    return [importlib.import_module(each.name) for each in found]


def _dataclasses(package: ModuleType) -> list[type]:
    return [
        kind
        for module in _modules(package)
        for kind in vars(module).values()
        if isinstance(kind, type) and dataclasses.is_dataclass(kind) and kind.__module__ == module.__name__
    ]


@pytest.mark.parametrize(
    "kind", [*_dataclasses(dialogs), *_dataclasses(bot.pipeline)], ids=lambda kind: kind.__qualname__
)
def test_a_value_never_changes(kind: type) -> None:
    """A field is set once, when the value is made, and nothing is hung on it afterwards.

    Of what every turn makes several of, the type checker sees to the former: `value_class`.
    """
    made = object.__new__(kind)
    made_by = vars(kind)["__dataclass_params__"]
    watched = not made_by.frozen
    assert watched is made_by.unsafe_hash
    for field in () if watched else dataclasses.fields(kind):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(made, field.name, None)
    assert not hasattr(made, "__dict__")


def test_the_type_checker_refuses_to_change_a_value() -> None:
    """Were it not refused, an `ignore` below would be one too many, which `make check` does not let through."""
    made = Answer(value="agua", label="agua")
    made.label = "leña"  # type: ignore[misc]  # what must not be
    with pytest.raises(AttributeError):
        made.other = "leña"  # type: ignore[attr-defined]  # what must not be, while it runs
    assert hash(Answer("agua", "agua")) == hash(Answer("agua", "agua"))


def test_a_type_is_written_by_the_names_of_its_parts() -> None:
    """Of what a question type gives, nothing is told by its place: there is too much of it."""
    with pytest.raises(TypeError, match="takes 1 positional argument"):
        QuestionType("geopoint")  # type: ignore[call-arg,misc]  # what must not be
