"""Documents: added, replaced, looked after, withdrawn."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

import pydantic
from fastapi import APIRouter, Query, Request
from starlette.datastructures import FormData, UploadFile
from starlette.responses import Response

from tandem import clock, ids
from tandem.db import Tx
from tandem.errors import Malformed
from tandem.ids import DocumentId, MemberId
from tandem.knowledge import changes, documents, generations, publishing
from tandem.knowledge.documents import AUDIENCE, PUBLIC, Document, Kind, Labels, Listed, Origin, Wanted, Written
from tandem.knowledge.reading import Format
from tandem.knowledge.sources import sources
from tandem.knowledge.sources.sources import Source
from tandem.tenants import members, policy
from tandem.tenants.callers import Caller, MemberCaller, ServerCaller
from tandem.web import limits
from tandem.web.cursors import pack, unpack
from tandem.web.doors import KbReader, KbWriter
from tandem.web.json import JSON, Input, Text, plain
from tandem.web.once import OnceRoute
from tandem.web.parts import P

router = APIRouter(prefix="/v1/kb", route_class=OnceRoute)

ENDINGS = {
    "pdf": Format.PDF,
    "docx": Format.DOCX,
    "md": Format.MARKDOWN,
    "markdown": Format.MARKDOWN,
    "html": Format.HTML,
    "htm": Format.HTML,
    "csv": Format.CSV,
    "tsv": Format.CSV,
}


EXTERNAL_ID_CHARS = 300

FORM = ("file", "title", "category", "audience", "external_id", "release_id")
"""What an upload's form may carry."""


class Article(Input):
    """A document as text. `release_id` collects the change in a draft; `base_version` refuses it when somebody was faster."""

    title: str = pydantic.Field(min_length=1, max_length=300)
    body: str = pydantic.Field(min_length=1)
    external_id: str | None = pydantic.Field(default=None, min_length=1, max_length=EXTERNAL_ID_CHARS)
    format: Format = Format.MARKDOWN
    category: str | None = pydantic.Field(default=None, max_length=100)
    audience: str = pydantic.Field(default=PUBLIC, pattern=AUDIENCE)
    source_url: str | None = pydantic.Field(default=None, max_length=2000, pattern="^https?://")
    release_id: str | None = pydantic.Field(default=None, max_length=40)
    base_version: int | None = pydantic.Field(default=None, ge=1)

    @pydantic.field_validator("format")
    @classmethod
    def _is_text(cls, value: Format) -> Format:
        if value in (Format.PDF, Format.DOCX):
            raise ValueError("PDF and DOCX are uploaded as files")
        return value

    @property
    def labels(self) -> Labels:
        """What is said about it beside its text."""
        return Labels(self.title.strip(), self.category, self.audience, self.source_url)


FILE_FORM = {"type": "object", "required": ["file"], "properties": {"file": {"type": "string", "format": "binary"}}}
EITHER = {
    "application/json": {"schema": {"$ref": "#/components/schemas/Article"}},
    "multipart/form-data": {"schema": FILE_FORM},
}
"""What the address takes, for the OpenAPI document: the route reads the request itself."""


@router.post("/documents", status_code=202, openapi_extra={"requestBody": {"content": EITHER}})
async def add_document(caller: KbWriter, request: Request, parts: P) -> Response:
    """An article as JSON, or a file as multipart form; 202, and it answers once it is `ready`."""
    await limits.count(request, "upload", _who(caller), limits.UPLOADS)
    if request.headers.get("content-type", "").startswith("multipart/form-data"):
        async with request.form(max_files=1, max_fields=10, max_part_size=1024 * 1024) as form:
            labels, content, external_id, release_id = await _upload(form)
            origin = _origin(caller, "upload", release_id)
    else:
        article = await _article(request)
        labels, content, external_id = article.labels, Written(article.format, article.body), article.external_id
        origin = _origin(caller, "api", article.release_id)
    async with parts.db.tenant(caller.tenant_id) as tx:
        saved = await documents.save(tx, parts.queue, labels, content, origin, external_id=external_id)
    return JSON(saved_json(saved), 202)


@router.put("/documents/{id:path}", status_code=202)
async def replace_document(caller: KbWriter, request: Request, id: str, body: Article, parts: P) -> Response:
    """A new version, when the content changed; by our id, or by the tenant's own, which makes the document when it is new."""
    await limits.count(request, "upload", _who(caller), limits.UPLOADS)
    document_id = DocumentId(ids.read("doc", id)) if id.startswith("doc_") else None
    external_id = None if document_id else _external_id(id)
    content = Written(body.format, body.body)
    origin = _origin(caller, "api", body.release_id)
    async with parts.db.tenant(caller.tenant_id) as tx:
        saved = await documents.save(
            tx,
            parts.queue,
            body.labels,
            content,
            origin,
            id=document_id,
            external_id=external_id,
            base=body.base_version,
        )
    return JSON(saved_json(saved), 202)


@router.get("/documents")
async def list_documents(
    caller: KbReader,
    parts: P,
    q: Annotated[Text | None, Query(max_length=200)] = None,
    status: Annotated[str | None, Query(pattern="^(processing|ready|error|draft|review)$")] = None,
    source: Annotated[Text | None, Query(max_length=200)] = None,
    kind: Kind | None = None,
    owner: Annotated[Text | None, Query(max_length=40)] = None,
    stale: bool | None = None,
    cursor: Text | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Response:
    """A page of the list, newest change first; `stale`: nobody has looked at it for longer than it should be."""
    wanted = Wanted(
        words=q or None,
        status=status,
        source=source,
        kind=kind,
        owner_id=_owner(caller, owner) if owner else None,
        stale=stale,
    )
    async with parts.db.tenant(caller.tenant_id) as tx:
        days = (await policy.get(tx)).rules.review_days
        before = unpack(cursor) if cursor else None
        found, total = await documents.page(tx, wanted, review_days=days, before=before, most=limit + 1)
        names = {member.id: member.name for member in await members.everyone(tx)}
    more = found[limit - 1] if len(found) > limit else None
    items = [listed(d, days, names) for d in found[:limit]]
    next_cursor = pack(more.updated_at, more.id) if more else None
    return JSON({"items": items, "next_cursor": next_cursor, "total": total})


class Care(Input):
    """Who looks after a document and how often; `reviewed`: somebody just has."""

    owner_id: str | None = pydantic.Field(default=None, max_length=40)
    review_every_days: int | None = pydantic.Field(default=None, ge=1, le=3650)
    reviewed: bool = False


@router.patch("/documents/{id}")
async def care_for_document(caller: KbWriter, id: str, body: Care, parts: P) -> Response:
    """Owner, cadence and the last review; what is not named stays."""
    async with parts.db.tenant(caller.tenant_id) as tx:
        found = await find(tx, id)
        owner, every = found.owner_id, found.review_every_days
        if "owner_id" in body.model_fields_set:
            owner = _owner(caller, body.owner_id) if body.owner_id else None
            if owner and owner not in {member.id for member in await members.everyone(tx)}:
                raise Malformed(
                    "There is no such member.", errors=[{"field": "owner_id", "message": "is not a member"}]
                )
        if "review_every_days" in body.model_fields_set:
            every = body.review_every_days
        await documents.keep(tx, found, owner_id=owner, review_every_days=every, reviewed=body.reviewed)
        return JSON(row(await documents.get(tx, found.id)))


@router.get("/documents/{id:path}")
async def document(caller: KbReader, id: str, parts: P) -> Response:
    """One document with its newest text outside of drafts."""
    async with parts.db.tenant(caller.tenant_id) as tx:
        days = (await policy.get(tx)).rules.review_days
        (found, *_), _ = await documents.page(tx, Wanted(id=(await find(tx, id)).id), review_days=days)
        newest = await documents.version(tx, found.id, found.version)
        names = {member.id: member.name for member in await members.everyone(tx)}
    file = {"name": newest.file_name, "size": newest.file_size} if newest.file_name else None
    return JSON(
        {
            **listed(found, days, names),
            "body": newest.written if newest.written is not None else newest.body,
            "file": file,
        }
    )


@router.delete("/documents/{id:path}", status_code=204)
async def delete_document(
    caller: KbWriter, id: str, parts: P, release_id: Annotated[Text | None, Query(max_length=40)] = None
) -> Response:
    """From now on nothing is answered from it; with a draft release, from its publication on."""
    async with parts.db.tenant(caller.tenant_id) as tx:
        if release_id:
            await changes.lock(tx, ids.read("rel", release_id, "release_id"))
        else:
            await publishing.lock(tx)
        found = await documents.get(tx, (await find(tx, id)).id, lock=True)
        if release_id:
            await documents.remove_in(tx, found, ids.read("rel", release_id, "release_id"))
        else:
            await documents.delete(tx, found)
    return Response(status_code=204)


@router.get("/sync_status")
async def sync_status(caller: KbReader, parts: P) -> Response:
    """How each source of documents stands."""
    async with parts.db.tenant(caller.tenant_id) as tx:
        held = {holding.name: holding for holding in await documents.holdings(tx)}
        run = {source.name: source for source in await sources.statuses(tx)}
        now = await generations.stand(tx)
    return JSON(
        {
            "sources": [_status(name, held.get(name), run.get(name)) for name in sorted({*held, *run})],
            "embedding": {
                "model": now.model if now else None,
                "generation": now.generation if now else None,
                "building": now.building_model if now else None,
            },
        }
    )


def _status(name: str, held: documents.Holding | None, run: Source | None) -> dict[str, Any]:
    """What a source has brought, and, of one that runs by the clock, how its runs went."""
    shown = {
        "name": name,
        "kind": run.kind if run else "direct" if name in ("page", "api", "upload") else "folder",
        "last_run": run.finished_at if run else held and held.last_run,
        "documents": held.documents if held else 0,
        "chunks": held.passages if held else 0,
        "failures": held.failures if held else 0,
        "oldest_document_age_s": held.oldest_s if held else None,
        "pending": held.pending if held else 0,
    }
    if run is None:
        return shown
    return shown | {
        "id": ids.show("src", run.id),
        "status": run.status,
        "error": run.error,
        "next_at": run.next_at,
        "paused": run.paused,
    }


async def _article(request: Request) -> Article:
    try:
        return Article.model_validate_json(await request.body())
    except pydantic.ValidationError as problem:
        errors = [
            {"field": ".".join(map(str, e["loc"])) or "body", "message": e["msg"].removeprefix("Value error, ")}
            for e in problem.errors()
        ]
        raise Malformed(
            "The article is malformed: " + "; ".join(f"{e['field']}: {e['message']}" for e in errors[:5]), errors=errors
        ) from problem


async def _upload(form: FormData) -> tuple[Labels, Written, str | None, str | None]:
    """Labels, content, external id and release of an uploaded file."""
    if strange := next((name for name in form if name not in FORM), None):
        name = _plain(strange, "body")[:100]
        raise Malformed(
            f"The form has a field that is not known: {name}", errors=[{"field": name, "message": "is not known"}]
        )
    file = form.get("file")
    if not isinstance(file, UploadFile):
        raise Malformed("The form has no file.", errors=[{"field": "file", "message": "is needed"}])
    fields = {name: value for name, value in form.items() if isinstance(value, str)}
    name = _plain(file.filename or "file", "file")[-200:]
    audience = fields.get("audience") or PUBLIC
    if not re.match(AUDIENCE, audience):
        raise Malformed(
            "There is no such audience.",
            errors=[{"field": "audience", "message": "public, verified, staff or tier:NAME"}],
        )
    labels = Labels(_field(fields, "title", 300) or name, _field(fields, "category", 100), audience)
    format = ENDINGS.get(name.rpartition(".")[2].lower(), Format.TEXT)
    data = await file.read(documents.FILE_BYTES + 1)
    content = Written(format, file=data, file_name=name)
    return labels, content, _field(fields, "external_id", EXTERNAL_ID_CHARS), _field(fields, "release_id", 40)


def _field(fields: Mapping[str, str], name: str, most: int) -> str | None:
    value = _plain(fields.get(name, ""), name).strip()
    if len(value) > most:
        raise Malformed(f"{name} is too long.", errors=[{"field": name, "message": f"at most {most} characters"}])
    return value or None


def _external_id(text: str) -> str:
    if not 0 < len(text) <= EXTERNAL_ID_CHARS:
        raise Malformed(
            "The id in the address is not one.",
            errors=[{"field": "id", "message": f"1 to {EXTERNAL_ID_CHARS} characters"}],
        )
    return _plain(text, "id")


def _plain(text: str, field: str) -> str:
    try:
        return plain(text)
    except ValueError as problem:
        raise Malformed(f"{field} {problem}", errors=[{"field": field, "message": str(problem)}]) from problem


async def find(tx: Tx, id: str) -> Document:
    """The document by our id, or by the tenant's own."""
    if id.startswith("doc_"):
        return await documents.get(tx, DocumentId(ids.read("doc", id)))
    return await documents.named(tx, _plain(id, "id"))


def saved_json(saved: documents.Saved) -> dict[str, Any]:
    """What became of a document that was sent."""
    return {
        "id": ids.show("doc", saved.id),
        "version": saved.version,
        "status": saved.status,
        "changed": saved.changed,
        "job_id": ids.show("job", saved.job_id) if saved.job_id else None,
    }


def row(d: Document) -> dict[str, Any]:
    """A document as the API shows it."""
    return {
        "id": ids.show("doc", d.id),
        "external_id": d.external_id,
        "title": d.title,
        "category": d.category,
        "audience": d.audience,
        "format": d.format,
        "kind": d.kind,
        "status": d.status,
        "error": d.error,
        "version": d.version,
        "live_version": d.live_version,
        "source": d.source,
        "source_id": ids.show("src", d.source_id) if d.source_id else None,
        "source_url": d.source_url,
        "passages": d.passages,
        "owner_id": ids.show("mbr", d.owner_id) if d.owner_id else None,
        "reviewed_at": d.reviewed_at,
        "review_every_days": d.review_every_days,
        "updated_at": d.updated_at,
    }


def listed(d: Listed, review_days: int, names: Mapping[MemberId, str]) -> dict[str, Any]:
    """A document of the list, with what tells whether it is cared for."""
    due = d.checked_at + timedelta(days=d.review_every_days or review_days)
    return {
        **row(d),
        "owner": {"id": ids.show("mbr", d.owner_id), "name": names.get(MemberId(d.owner_id), "")}
        if d.owner_id
        else None,
        "checked_at": d.checked_at,
        "review_due_at": due,
        "stale": d.live_version is not None and due < clock.now(),
        "used_30d": d.used,
        "draft_in": ids.show("rel", d.draft_in) if d.draft_in else None,
        "disagreements": d.disagreements,
    }


def _owner(caller: MemberCaller | ServerCaller, text: str) -> UUID:
    """A member's id; `me` is the one who asks."""
    if text == "me" and isinstance(caller, MemberCaller):
        return caller.member_id
    return ids.read("mbr", text, "owner")


def _origin(caller: MemberCaller | ServerCaller, source: str, release_id: str | None) -> Origin:
    within = ids.read("rel", release_id, "release_id") if release_id else None
    return Origin(
        "page" if isinstance(caller, MemberCaller) and source == "api" else source, caller.name, release_id=within
    )


def _who(caller: Caller) -> str:
    return str(caller.tenant_id)
