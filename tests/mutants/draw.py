"""Draws mutants by seed: one change each, by the operators of cosmic-ray, at a place chosen among all places."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import parso.tree
from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names

# What needs arguments of its own, and what every start would find: a class without its decorator is no class of ours.
LEFT_OUT = frozenset({"core/VariableReplacer", "core/VariableInserter", "core/RemoveDecorator"})
NEVER_RUN = frozenset({"tfpdef", "annassign"})  # annotations: none of them is looked at when Hilo runs


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change: `occurrence` counts the operator's places in the file, `line` is where the change begins."""

    path: str
    line: int
    operator: str
    occurrence: int

    def source(self, root: Path) -> str:
        """Return the file as this mutant has it."""
        made = mutate_code((root / self.path).read_text("utf-8"), get_operator(self.operator)(), self.occurrence)
        if made is None:
            raise LookupError(f"{self.operator} has no place {self.occurrence} in {self.path}")
        return made


def draw(root: Path, folders: Sequence[str], number: int, seed: int) -> list[Mutant]:
    """Draw so many mutants of the files in some folders: first a place, then what is done to it."""
    places: dict[tuple[str, Any], list[Mutant]] = defaultdict(list)
    for path in sorted(path for folder in folders for path in (root / folder).rglob("*.py")):
        for place, mutant in _mutants(root, path):
            places[mutant.path, place].append(mutant)
    chance = Random(seed)
    chosen = chance.sample(sorted(places), min(number, len(places)))
    return [chance.choice(places[place]) for place in chosen]


def _mutants(root: Path, path: Path) -> Iterator[tuple[Any, Mutant]]:
    nodes = list(ast_nodes(get_ast(path.read_text("utf-8"))))
    name = str(path.relative_to(root))
    for operator in sorted(set(operator_names()) - LEFT_OUT):
        made, occurrence = get_operator(operator)(), 0
        for node in nodes:
            for place in made.mutation_positions(node):
                if not _annotates(node):
                    yield place, Mutant(name, place[0][0], operator, occurrence)
                occurrence += 1


def _annotates(node: parso.tree.NodeOrLeaf) -> bool:
    below: parso.tree.NodeOrLeaf | None = node
    while below is not None and below.parent is not None:
        above = below.parent
        if above.type in NEVER_RUN and below is not above.children[0] and not _is_value(above, below):
            return True
        if above.type == "funcdef" and above.annotation is below:
            return True
        below = above
    return False


def _is_value(above: Any, below: Any) -> bool:
    """Tell whether this is what an annotated name is set to: `x: int = 3`."""
    return above.type == "annassign" and len(above.children) > 2 and below is above.children[-1]
