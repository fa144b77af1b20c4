"""Passages by their ids: only those that answer now, and only for those who may read them."""

from tandem.ids import PassageId, new
from tandem.knowledge import search
from tests.knowledge.shelf import Shelf


async def test_only_what_answers_now_and_may_be_read_comes_back(shelf: Shelf) -> None:
    rows = shelf.rows(
        "select id from passages where tenant_id = %s and live and audience = 'public' order by id limit 3"
    )
    ids = [PassageId(row[0]) for row in rows]
    assert len(ids) == 3
    who = search.audiences(verified=False)
    async with shelf.db.reading(shelf.tenant_id) as tx:
        found = await search.fetch(tx, [*reversed(ids), PassageId(new())], who)
        state = await search.state(tx)
    assert [each.passage_id for each in found] == [*reversed(ids)], "in the order asked for"
    assert {each.release for each in found} == {state.release}
    assert all(each.text and each.title for each in found)
    shelf.rows("update passages set live = false where tenant_id = %s and id = %s returning id", ids[0])
    shelf.rows("update passages set audience = 'verified' where tenant_id = %s and id = %s returning id", ids[1])
    async with shelf.db.reading(shelf.tenant_id) as tx:
        assert [each.passage_id for each in await search.fetch(tx, ids, who)] == ids[2:]
        assert [each.passage_id for each in await search.fetch(tx, ids, search.EVERYBODYS)] == ids[1:]
