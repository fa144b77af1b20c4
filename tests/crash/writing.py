"""People who use Tandem while it is being killed: customers who write and insist, an agent, somebody who adds articles.

Each keeps a diary of what it was told, and nothing else: what a server acknowledged it must have. `history` compares.
A message is sent again under the same id until `accepted` has been seen; a stream that breaks is resumed where it broke.
"""

import asyncio
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from tests.crash import reading
from tests.crash.plant import Plant, Site
from tests.crash.reading import CUT, Frame, Heard, Refused

QUESTIONS = (
    "How long does delivery take?",
    "How long do I have to return an item?",
    "When do I get my refund?",
    "Can I exchange a jacket for another size?",
    "What does the repair of a tent cost?",
    "Is my password safe with the ferry to Mars?",
    "Thank you!",
)
PERSON = "I want to talk to a real person please."
IMPATIENT = 0.15
"""How often a customer sends the next message without waiting for the answer."""

MOVES_ON = 0.25
"""How often a customer opens another conversation afterwards."""


@dataclass(slots=True)
class Sent:
    """A customer's message. `conversation_id` is set once it was acknowledged."""

    id: str
    text: str
    conversation_id: str | None = None
    message_id: str | None = None
    tries: int = 0
    answered: bool = False


@dataclass(slots=True)
class Diary:
    """What everybody was told."""

    sent: list[Sent] = field(default_factory=list)
    heard: list[Heard] = field(default_factory=list)
    replies: dict[str, str] = field(default_factory=dict)
    """An agent's acknowledged replies: client id to text."""
    articles: dict[str, str] = field(default_factory=dict)
    """Acknowledged articles: external id to body."""
    refusals: dict[int, int] = field(default_factory=dict)

    def refused(self, refusal: Refused) -> None:
        """Count it."""
        self.refusals[refusal.status] = self.refusals.get(refusal.status, 0) + 1

    @property
    def acknowledged(self) -> list[Sent]:
        """What must be there."""
        return [sent for sent in self.sent if sent.conversation_id]


@dataclass(slots=True)
class Customer:
    """One customer with a browser."""

    plant: Plant
    http: aiohttp.ClientSession
    diary: Diary
    dice: random.Random
    headers: Mapping[str, str] = field(default_factory=dict)
    conversation_id: str | None = None
    seen: int = 0
    only: Site | None = None
    """The one site they use, instead of any."""
    deaf: bool = False
    """What comes in is lost on its way to them."""

    async def arrive(self) -> None:
        """Get a widget session."""
        welcome = await insist(
            self.plant,
            self.http,
            self.diary,
            self.dice,
            "POST",
            "/v1/widget/session",
            {},
            {"widget_key": self.plant.tenant["widget_key"]},
        )
        self.headers = {"authorization": f"Bearer {welcome['token']}"}

    async def write_until(self, end: asyncio.Event) -> None:
        """Write one message after the other."""
        await self.arrive()
        while not end.is_set():
            text = PERSON if self.dice.random() < 0.06 else self.dice.choice(QUESTIONS)
            await self.say(text, patient=self.dice.random() >= IMPATIENT)
            if self.dice.random() < MOVES_ON:
                self.conversation_id, self.seen = None, 0
            await asyncio.sleep(self.dice.random() * 0.4)

    async def say(self, text: str, *, patient: bool = True) -> Sent:
        """One message, until it is acknowledged; and, when patient, until it is answered."""
        number = f"{self.dice.getrandbits(64):016x}"
        sent = Sent(f"c-{number}", f"{text} [{number}]")
        self.diary.sent.append(sent)
        while sent.conversation_id is None:
            await self._send(sent, patient)
        while patient and not sent.answered:
            await self._resume(sent)
        return sent

    async def _send(self, sent: Sent, patient: bool) -> None:
        sent.tries += 1
        body: dict[str, Any] = {"message": sent.text, "client_message_id": sent.id}
        if self.conversation_id:
            body["conversation_id"] = self.conversation_id
        url = self._site() + "/v1/chat"
        await self._listen("POST", url, self.headers, body, sent, Heard(self.conversation_id, None), patient)

    async def _resume(self, sent: Sent) -> None:
        url = f"{self._site()}/v1/conversations/{sent.conversation_id}/events"
        headers = {**self.headers, "last-event-id": str(self.seen)}
        await self._listen("GET", url, headers, None, sent, Heard(sent.conversation_id, self.seen), True)

    async def _listen(
        self, method: str, url: str, headers: Mapping[str, str], body: Any, sent: Sent, heard: Heard, patient: bool
    ) -> None:
        self.diary.heard.append(heard)
        try:
            async with reading.stream(self.http, method, url, headers, body) as frames:
                async for frame in frames:
                    self._take(frame, sent, heard)
                    if sent.answered or (sent.conversation_id and not patient):
                        return
        except Refused as refusal:
            self.diary.refused(refusal)
            await asyncio.sleep(0.2)
        except CUT:
            await asyncio.sleep(0.2)

    def _take(self, frame: Frame, sent: Sent, heard: Heard) -> None:
        if frame.seq is None or self.deaf:
            return
        heard.frames.append(frame)
        if heard.after is None:
            heard.after = frame.seq - 1
        if frame.kind == "accepted" and frame.data["message"]["client_message_id"] == sent.id:
            sent.conversation_id, sent.message_id = frame.data["conversation_id"], frame.data["message_id"]
            self.conversation_id = sent.conversation_id
        heard.conversation_id = heard.conversation_id or self.conversation_id
        self.seen = frame.seq
        if frame.kind == "done" and sent.message_id in frame.data["answers"]:
            sent.answered = True

    def _site(self) -> str:
        return (self.only or self.dice.choice(self.plant.sites)).url


@dataclass(slots=True)
class Agent:
    """Somebody of the staff, who takes tickets over and answers them."""

    plant: Plant
    http: aiohttp.ClientSession
    diary: Diary
    dice: random.Random
    headers: dict[str, str] = field(default_factory=dict)

    async def sign_in(self) -> None:
        """Get a cookie."""
        login = self.plant.tenant["admin_login"]
        while True:
            site = self.dice.choice(self.plant.sites).url
            try:
                async with self.http.post(site + "/v1/auth/login", json=login, headers={"origin": site}) as answer:
                    if answer.status == 200:
                        self.headers = {"cookie": answer.headers["set-cookie"].split(";")[0]}
                        return
            except CUT:
                await asyncio.sleep(0.1)

    async def work_until(self, end: asyncio.Event) -> None:
        """Claim a ticket and answer it, now and then; half of them go back to the assistant."""
        await self.sign_in()
        while not end.is_set():
            await asyncio.sleep(0.3 + self.dice.random())
            status = "escalated" if self.dice.random() < 0.7 else "open"
            found = await self.ask("GET", f"/v1/tickets?status={status}&limit=5")
            if found["items"]:
                await self.attend(self.dice.choice(found["items"])["id"])

    async def attend(self, ticket_id: str) -> None:
        """Claim, answer, hand back or resolve."""
        if await self.claim(ticket_id):
            await self.reply(ticket_id, "I am looking into it.")
            how = self.dice.choice(("handback", "resolve", "resolve", ""))
            if how:
                await self.ask("POST", f"/v1/tickets/{ticket_id}/{how}", {})

    async def claim(self, ticket_id: str) -> bool:
        """Take it; False when somebody else has it."""
        return "ticket" in await self.ask("POST", f"/v1/tickets/{ticket_id}/claim", {})

    async def reply(self, ticket_id: str, text: str) -> None:
        """Write to the customer, until it is acknowledged."""
        number = f"{self.dice.getrandbits(64):016x}"
        body = {"text": f"{text} [{number}]", "client_message_id": f"a-{number}"}
        answer = await self.ask("POST", f"/v1/tickets/{ticket_id}/reply", body)
        if "text" in answer:
            self.diary.replies[f"a-{number}"] = answer["text"]

    async def ask(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        """One request, until it is answered; a 409 is an answer."""
        return await insist(self.plant, self.http, self.diary, self.dice, method, path, self.headers, body)


@dataclass(slots=True)
class Editor:
    """Somebody who adds articles, each with a text of its own."""

    plant: Plant
    http: aiohttp.ClientSession
    diary: Diary
    dice: random.Random

    async def work_until(self, end: asyncio.Event, pause_s: float = 2.0) -> None:
        """Add one article after the other."""
        while not end.is_set():
            await self.add()
            await asyncio.sleep(pause_s * (0.5 + self.dice.random()))

    async def add(self) -> str:
        """One article, until it is acknowledged; its external id."""
        number = f"{self.dice.getrandbits(64):016x}"
        await self.put(
            f"article-{number}",
            f"Notice {number}",
            f"# Notice {number}\n\nThe code of this notice is {number}.\n\n## More\n\nAsk for {number}.",
        )
        return f"article-{number}"

    async def put(self, external_id: str, title: str, body: str) -> None:
        """This article, until it is acknowledged."""
        headers = {"authorization": f"Bearer {self.plant.tenant['api_key']}"}
        article = {"title": title, "body": body}
        await insist(
            self.plant, self.http, self.diary, self.dice, "PUT", f"/v1/kb/documents/{external_id}", headers, article
        )
        self.diary.articles[external_id] = body


async def insist(
    plant: Plant,
    http: aiohttp.ClientSession,
    diary: Diary,
    dice: random.Random,
    method: str,
    path: str,
    headers: Mapping[str, str],
    body: Any = None,
) -> dict[str, Any]:
    """One request to any site, again and again until it is answered; 4xx is an answer, 5xx is not."""
    while True:
        site = dice.choice(plant.sites).url
        try:
            timeout = aiohttp.ClientTimeout(total=15, sock_connect=3)
            async with http.request(
                method, site + path, json=body, headers={**headers, "origin": site}, timeout=timeout
            ) as answer:
                if answer.status < 500:
                    found: dict[str, Any] = await answer.json(content_type=None)
                    if answer.status >= 400:
                        diary.refused(Refused(answer.status, str(found)))
                    return found
                diary.refused(Refused(answer.status, await answer.text()))
        except CUT:
            pass
        await asyncio.sleep(0.2)


def customers(
    count: int, plant: Plant, http: aiohttp.ClientSession, diary: Diary, dice: random.Random
) -> Sequence[Customer]:
    """So many customers, each with dice of its own."""
    return [Customer(plant, http, diary, random.Random(dice.getrandbits(64))) for _ in range(count)]
