"""Check a document against a published JSON Schema (draft 7), as far as CycloneDX's uses it.

A keyword or format that is not known here is an error of the check, so that nothing of a schema is passed over. What a
`$ref` leads to in another file is read from beside it.
"""

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

FOLDER: Final = Path(__file__).parent / "schema"
TOLD: Final = frozenset(
    [
        "$comment",
        "$id",
        "$schema",
        "default",
        "definitions",
        "deprecated",
        "description",
        "examples",
        "meta:enum",
        "title",
    ]
)
"""What says something to people, and asks for nothing."""
TYPES: Final[dict[str, tuple[type, ...]]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "boolean": (bool,),
    "number": (int, float),
    "integer": (int,),
}


@cache
def schema(name: str) -> Any:
    """Return a schema of the folder."""
    return json.loads((FOLDER / name).read_text("utf-8"))


def faults(document: object, name: str) -> list[str]:
    """Return what does not fit, each with its place in the document."""
    return list(_faults(document, schema(name), name, "$"))


def _faults(node: Any, rule: Any, file: str, place: str) -> Iterator[str]:
    if isinstance(rule, bool):
        if not rule:
            yield f"{place}: nothing may stand here"
        return
    if "$ref" in rule:  # in draft 7 what stands beside it is not looked at
        other, _, path = str(rule["$ref"]).partition("#")
        target = schema(other or file)
        for step in filter(None, path.split("/")):
            target = target[step]
        yield from _faults(node, target, other or file, place)
        return
    for word, asked in rule.items():
        if word not in TOLD:
            yield from _CHECKS[word](node, asked, rule, file, place)


def _type(node: Any, asked: Any, _rule: Any, _file: str, place: str) -> Iterator[str]:
    wanted = (asked,) if isinstance(asked, str) else tuple(asked)
    if not any(isinstance(node, TYPES[each]) and (each == "boolean" or not isinstance(node, bool)) for each in wanted):
        yield f"{place}: not {asked}"


def _properties(node: Any, asked: Any, _rule: Any, file: str, place: str) -> Iterator[str]:
    for key in asked.keys() & node.keys() if isinstance(node, dict) else ():
        yield from _faults(node[key], asked[key], file, f"{place}.{key}")


def _additional(node: Any, asked: Any, rule: Any, file: str, place: str) -> Iterator[str]:
    for key in sorted(node.keys() - rule.get("properties", {}).keys()) if isinstance(node, dict) else ():
        yield from _faults(node[key], asked, file, f"{place}.{key}")


def _required(node: Any, asked: Any, _rule: Any, _file: str, place: str) -> Iterator[str]:
    for key in asked if isinstance(node, dict) else ():
        if key not in node:
            yield f"{place}: no {key}"


def _items(node: Any, asked: Any, rule: Any, file: str, place: str) -> Iterator[str]:
    for at, each in enumerate(node if isinstance(node, list) else ()):
        one = (
            asked
            if not isinstance(asked, list)
            else asked[at]
            if at < len(asked)
            else rule.get("additionalItems", True)
        )
        yield from _faults(each, one, file, f"{place}[{at}]")


def _unique(node: Any, asked: Any, _rule: Any, _file: str, place: str) -> Iterator[str]:
    told = [json.dumps(each, sort_keys=True) for each in node] if asked and isinstance(node, list) else []
    if len(told) != len(set(told)):
        yield f"{place}: something stands there twice"


def _enum(node: Any, asked: Any, _rule: Any, _file: str, place: str) -> Iterator[str]:
    if node not in asked:
        yield f"{place}: none of what it may be"


def _one(node: Any, asked: Any, _rule: Any, file: str, place: str) -> Iterator[str]:
    fit = [not any(_faults(node, each, file, place)) for each in asked]
    if fit.count(True) != 1:
        yield f"{place}: fits {fit.count(True)} of {len(fit)} forms, and not one"


def _any(node: Any, asked: Any, _rule: Any, file: str, place: str) -> Iterator[str]:
    if all(any(_faults(node, each, file, place)) for each in asked):
        yield f"{place}: fits none of {len(asked)} forms"


def _pattern(node: Any, asked: Any, _rule: Any, _file: str, place: str) -> Iterator[str]:
    if isinstance(node, str) and not re.search(asked, node):
        yield f"{place}: not of the form {asked}"


def _format(node: Any, asked: Any, _rule: Any, _file: str, place: str) -> Iterator[str]:
    if not isinstance(node, str):
        return
    if asked != "iri-reference":
        raise NotImplementedError(f"{place}: format {asked}")
    if re.search(r"\s", node) or not urlsplit(node).path:
        yield f"{place}: no address"


def _bound(word: str) -> Any:
    """Return the check of a keyword that says how much or how long at least, or at most."""
    kinds = {"Length": (str,), "Items": (list,), "imum": (int, float)}[word.removeprefix("min").removeprefix("max")]

    def check(node: Any, asked: Any, _rule: Any, _file: str, place: str) -> Iterator[str]:
        if isinstance(node, kinds):
            size = len(node) if isinstance(node, (str, list)) else node
            if size < asked if word.startswith("min") else size > asked:
                yield f"{place}: {word} {asked}"

    return check


_CHECKS: Final[dict[str, Any]] = {
    "type": _type,
    "properties": _properties,
    "additionalProperties": _additional,
    "required": _required,
    "items": _items,
    "additionalItems": lambda *_: (),  # with the items
    "uniqueItems": _unique,
    "enum": _enum,
    "oneOf": _one,
    "anyOf": _any,
    "pattern": _pattern,
    "format": _format,
    **{each: _bound(each) for each in ["minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems"]},
}
