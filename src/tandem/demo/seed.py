"""Seeding the demo: two tenants, their staff with fresh passwords, their articles. Done once; done again it changes nothing.

What was made stands in `demo.json` beside the data, readable by its owner alone.
"""

import json
import os
import secrets
import time
from dataclasses import asdict, dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from uuid import UUID

import jwt
import yaml

from tandem.actions import definition, registry
from tandem.db import Database
from tandem.ids import TenantId
from tandem.jobs import Queue
from tandem.knowledge import documents
from tandem.knowledge.documents import Labels, Origin, Written
from tandem.knowledge.reading import Format, frontmatter
from tandem.tenants import companies, members
from tandem.tenants.callers import Role
from tandem.tenants.companies import Look
from tandem.tenants.sealing import Sealer
from tandem.workflows import reading, store

STAFF = {
    "acme": (("Ann", Role.ADMIN), ("Bo", Role.AGENT), ("Vi", Role.VIEWER)),
    "rival": (("Ruth", Role.ADMIN), ("Rob", Role.AGENT), ("Ray", Role.VIEWER)),
}
LOOKS = {
    "acme": Look(
        assistant_name="Acme's assistant",
        greeting="Hello! Ask me about orders, deliveries, returns, repairs or your account.",
        starters=("How long does delivery take?", "Can I still return my jacket?", "How do I reset my password?"),
        brand_color="#2f5d50",
    ),
    "rival": Look(greeting="Hello! Ask us about coffee and subscriptions.", brand_color="#6b3f2a"),
}
NAMES = {"acme": "Acme Outdoor", "rival": "Rival Coffee"}
FOLDERS = {"acme": "articles", "rival": "rival"}
SHOPS = frozenset({"acme"})
"""Whose orders the demo's shop keeps."""
AUTHOR = "Tandem"


@dataclass(frozen=True, slots=True)
class DemoTenant:
    """One demo tenant and how to get in."""

    tenant_id: str
    name: str
    widget_key: str
    api_key: str
    identity_secret: str
    logins: dict[str, str]
    """E-mail address to password."""


CUSTOMERS = {"cy": {"name": "Cy", "email": "cy@customer.example", "tier": "paid"}}
"""Who may be signed in at the demo shop."""

IDENTITY_S = 600


def identity(tenant: DemoTenant, who: str) -> str:
    """What the shop's own backend would sign for a customer who is logged in there."""
    now = int(time.time())
    claims = {
        "sub": who,
        "aud": tenant.widget_key,
        "exp": now + IDENTITY_S,
        "jti": secrets.token_hex(16),
        **CUSTOMERS[who],
    }
    return jwt.encode(claims, tenant.identity_secret, algorithm="HS256")


def file(data_dir: Path) -> Path:
    """Where the demo's keys and log-ins are kept."""
    return data_dir / "demo.json"


def load(data_dir: Path) -> dict[str, DemoTenant] | None:
    """The demo as it was seeded, or None."""
    try:
        found = json.loads(file(data_dir).read_text())
    except FileNotFoundError:
        return None
    return {name: DemoTenant(**tenant) for name, tenant in found.items()}


async def seed(db: Database, queue: Queue, sealer: Sealer, data_dir: Path) -> dict[str, DemoTenant]:
    """Both tenants with everything; the articles answer once the worker has read them."""
    if made := load(data_dir):
        return made
    made = {name: await _tenant(db, queue, sealer, name) for name in STAFF}
    path = file(data_dir)
    draft = path.with_suffix(".tmp")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        json.dump({name: asdict(tenant) for name, tenant in made.items()}, out, indent=1)
    draft.replace(path)
    return made


async def _tenant(db: Database, queue: Queue, sealer: Sealer, name: str) -> DemoTenant:
    password = secrets.token_urlsafe(9)
    hashed = await members.hash_password(password)
    (admin, _), *others = STAFF[name]
    address = f"{admin.lower()}@{name}.example"
    created = await companies.create(
        db, sealer, NAMES[name], admin_name=admin, admin_email=address, admin_password=password, look=LOOKS[name]
    )
    logins = {address: password}
    async with db.tenant(created.tenant_id) as tx:
        for person, role in others:
            await members.add(tx, f"{person.lower()}@{name}.example", person, role, hashed)
            logins[f"{person.lower()}@{name}.example"] = password
        await members.set_passwords(tx, list(logins), hashed)  # somebody of an earlier demo on the same server
    await add_articles(db, queue, created.tenant_id, FOLDERS[name])
    if name in SHOPS:
        await add_actions(db, created.tenant_id)
    tenant_id = str(UUID(int=created.tenant_id.int))
    return DemoTenant(tenant_id, NAMES[name], created.widget_key, created.api_key, created.identity_secret, logins)


async def add_actions(db: Database, tenant_id: TenantId) -> int:
    """What the assistant may do in the demo's shop, and the procedures for it; how many of both. Look-ups first: others name them."""
    actions = [definition.read(yaml.safe_load(text)) for text in _texts("actions")]
    workflows = _texts("workflows")
    async with db.tenant(tenant_id) as tx:
        for action in sorted(actions, key=lambda each: (each.kind != "look_up", each.name != "get_order")):
            await registry.save(tx, action, AUTHOR)
        for source in workflows:
            await store.save(tx, reading.read(source), source, AUTHOR)
    return len(actions) + len(workflows)


def _texts(folder: str) -> list[str]:
    entries = resources.files("tandem.demo").joinpath(folder).iterdir()
    return [entry.read_text("utf-8") for entry in entries if entry.name.endswith(".yaml")]


async def add_articles(db: Database, queue: Queue, tenant_id: TenantId, folder: str) -> int:
    """The articles of one of the demo's folders, promised to the worker; how many."""
    files = sorted(_articles(folder), key=lambda article: article.name)
    async with db.tenant(tenant_id) as tx:
        for article in files:
            meta, body = frontmatter.take(article.read_text("utf-8"))
            labels = Labels(meta["title"], meta["category"], meta["audience"])
            content = Written(Format.MARKDOWN, body)
            await documents.save(tx, queue, labels, content, Origin("demo"), external_id=meta["external_id"])
    return len(files)


def _articles(folder: str) -> list[Traversable]:
    return [entry for entry in resources.files("tandem.demo").joinpath(folder).iterdir() if entry.name.endswith(".md")]
