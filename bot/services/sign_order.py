"""In which order the words on a sign stand: the group's own first, the team's below the one they were put beside."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from bot.services.signs import GroupWord
from storage.signs import Judgement


def in_order(
    words: Sequence[GroupWord], team: Sequence[Judgement]
) -> Iterator[tuple[GroupWord | None, list[Judgement]]]:
    """Yield the group's own words, the newest first, each with the team's that stand beside it, the newest first.

    What stands beside a word that is not there any more comes last, with None: the team's is never above the group's.
    """
    newest = sorted(words, key=lambda each: each.said_on, reverse=True)
    beside: dict[UUID | None, list[Judgement]] = {each.beside_id: [] for each in newest}
    alone: list[Judgement] = []
    for judged_so in sorted(team, key=lambda each: (each.said_on, each.written_at), reverse=True):
        beside.get(judged_so.beside_id, alone).append(judged_so)
    yield from ((each, beside[each.beside_id]) for each in newest)
    if alone:
        yield None, alone
