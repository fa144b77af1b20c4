"""Would the test of releases notice? Its documents are published one after another, and those who ask meanwhile have to say so."""

from uuid import UUID

from tandem.knowledge import documents, publishing, releases
from tests.knowledge.conftest import shelf
from tests.knowledge.shelf import AUTHOR, Shelf
from tests.knowledge.swapping import asked_meanwhile

__all__ = ["shelf"]


async def one_by_one(shelf: Shelf, release_id: UUID) -> None:
    """Each document in a transaction of its own, and then the release."""
    for change in await shelf.changes(release_id):
        async with shelf.db.tenant(shelf.tenant_id) as tx:
            await publishing.swap(tx, {change.document_id: change.to_version})
            if change.kind == "remove":
                await tx.run(documents.Q.delete_document, id=change.document_id)
    async with shelf.db.tenant(shelf.tenant_id) as tx:
        await tx.run(releases.Q.settle_versions, release_id=release_id)
        await tx.run(releases.Q.mark_published, id=release_id, author=AUTHOR)


async def test_publishing_document_by_document_is_heard(shelf: Shelf) -> None:
    heard = await asked_meanwhile(shelf, rounds=20, publish=one_by_one)
    assert heard.mixed
