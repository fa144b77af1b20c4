"""One question outside any conversation, and what every step made of it."""

from collections.abc import Sequence
from uuid import UUID

from tandem.answering import pipeline
from tandem.answering import tools as tools_room
from tandem.answering.telling import SilentTeller
from tandem.answering.tools import Tools
from tandem.answering.turn import Asked, Said, Turn
from tandem.ids import ConversationId, CustomerId, TenantId, TicketId
from tandem.llm import account

NOBODY = UUID(int=0)


async def ask(
    tools: Tools,
    tenant_id: TenantId,
    text: str,
    history: Sequence[Said] = (),
    *,
    verified: bool = False,
    tier: str = "free",
    staff: bool = False,
    draft: UUID | None = None,
) -> Turn:
    """The finished turn of a customer who is nobody yet, or of the `staff`; with a draft release as if it were published."""
    async with tools.db.tenant(tenant_id) as tx:
        standing = await tools_room.standing(tx)
    opened = tools.open(tenant_id, standing)
    asked = Asked(
        tenant_id=tenant_id,
        conversation_id=ConversationId(NOBODY),
        ticket_id=TicketId(NOBODY),
        customer_id=CustomerId(NOBODY),
        verified=verified,
        tier=tier,
        staff=staff,
        text=text,
        history=tuple(history),
        policy=standing.rules,
        company=standing.company,
        assistant_name=standing.look.assistant_name,
        greeting=standing.look.greeting,
        hours=standing.hours,
        knowledge=standing.knowledge,
        index=standing.index,
        understood_by=standing.understood_by,
        scoring=standing.scoring,
        possible=opened.possible,
    )
    try:
        with account.on(opened.account):
            return await pipeline.think(asked, tools.kit(SilentTeller(), draft, mode=asked.mode))
    finally:
        await tools.book(tenant_id, opened.account)


def explained(turn: Turn) -> str:
    """The turn step by step, for people."""
    heard, decision = turn.heard, turn.settled
    lines = [
        f"classify  {', '.join(f'{g.name} {g.confidence:.2f}' for g in heard.intents[:3])}   asserted: {', '.join(heard.asserted)}",
        f"          urgency {heard.signals.urgency}, sentiment {heard.signals.sentiment:+.2f}, "
        + ", ".join(f"{name} {value:.2f}" for name, value in heard.signals.as_json().items() if value),
        f"route     {turn.way.kind}   {turn.way.reason} ({turn.way.rule})",
    ]
    if turn.evidence.query:
        lines.append(
            f"retrieve  quality {turn.evidence.quality:.2f}   {_numbers(turn.evidence.signals)}   query: {turn.evidence.query}"
        )
        lines += [
            f"          {p.score:.4f} cos {p.cosine or 0:.2f} words {p.words:.3f}  {p.external_id or ''}  {p.heading}"
            for p in turn.evidence.passages[:5]
        ]
        lines += [
            f"          ~ {c.score:.3f} cos {c.cosine:.2f} overlap {c.overlap:.2f}  {c.text[:100]}"
            for c in turn.evidence.candidates[:5]
        ]
    lines += [f"act       {call.tool}: {call.result}" for call in turn.acted.calls]
    for sentence in turn.draft.sentences:
        fate = "released" if sentence.released else f"withheld: {sentence.reason}"
        lines.append(f"draft     [{sentence.kind}] {fate}   {sentence.text.strip()[:160]}")
    lines += [
        f"decide    {decision.kind} {decision.confidence:.2f}   {decision.reason}",
        "timings   " + ", ".join(f"{name} {ms:.1f} ms" for name, ms in turn.timings.items()),
        "",
        turn.draft.text,
    ]
    return "\n".join(lines)


def _numbers(signals: dict[str, float]) -> str:
    return " ".join(f"{name} {value:.2f}" for name, value in signals.items())
