"""Sheets of paper: what of them is typed in and stands, by group, and what stays of one whatever becomes of it."""

from tests.storage.world import HASH, NOW, World, uid


def test_what_is_typed_in_is_listed_by_group_until_it_is_taken_back(world: World) -> None:
    """Said and refused are listed, printed is not; what a sheet is about stays, what was said goes with the code."""
    with world.unit() as unit:
        other = unit.cohorts.add(uid(), "Costa", ("es",), "America/Mexico_City")
        for code in ("A", "B", "C"):
            unit.sheets.add(uid(), code, world.cohort, HASH, {"why": "Para oír"}, None, order="draft:1")
        said, refused, printed = (unit.sheets.find(code) for code in ("A", "B", "C"))
        assert said is not None
        assert refused is not None
        assert printed is not None
        assert unit.sheets.typed_in([world.cohort]) == []
        assert unit.sheets.becomes(said, "said", circle={"present": 14})
        assert unit.sheets.becomes(refused, "refused")
        assert not unit.sheets.becomes(said, "refused")  # its state has changed since
    with world.unit() as unit:
        assert {each.id for each in unit.sheets.typed_in([world.cohort])} == {said.id, refused.id}
        assert unit.sheets.typed_in([other.id]) == []
        found = unit.sheets.get(said.id)
        assert found is not None
        assert found.body["order"] == "draft:1"
        assert found.body["circle"] == {"present": 14}
        assert unit.sheets.becomes(found, "withdrawn")
        assert [each.id for each in unit.sheets.typed_in([world.cohort])] == [refused.id]
        gone = unit.sheets.get(said.id)
        assert gone is not None
        assert set(gone.body) == {"code", "card", "order"}


def test_an_order_is_found_by_its_key_and_says_how_it_was_told(world: World) -> None:
    """What was asked on paper and what is read aloud are known by their keys; nobody is among their deliveries."""
    keys = {"paper:draft:1": (True, False, False), "share-back:aloud:1": (False, True, True), "draft:1": (False,) * 3}
    with world.unit() as unit:
        for key in keys:
            unit.broadcasts.order(uid(), key, HASH, world.cohort, {"why": "Para oír"}, uid(), None, NOW, [])
        assert unit.broadcasts.by_key("draft:2") is None
        for key, told in keys.items():
            found = unit.broadcasts.by_key(key)
            assert found is not None
            assert (found.on_paper, found.aloud, found.shares_back) == told
            assert unit.following.progress(found.id).people == 0
