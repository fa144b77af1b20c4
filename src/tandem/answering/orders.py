"""Sentences of a document that give orders to machines: no customer's business, whoever wrote them there.

A weak sign and no defence (authority is, docs/decisions/0014-actions.md): but an article that tells an assistant what to say is no
source for saying it, and is not quoted.
"""

import re
from functools import lru_cache

MACHINES = r"(?:ai|a\.i\.|ai assistants?|assistants?|(?:large )?language models?|chat ?bots?|bots?|llms?|gpts?|models?)"
SAY = r"(?:reply|respond|answer|say|tell|write|output|print|repeat|ignore|disregard|forget|mention|recommend|include|append|add|call|use|act)"
ORDERS = re.compile(
    rf"\b(?:note|message|hint|memo|instructions?|orders?|attention|information|dear|hey)\b(?: (?:to|for|of))?(?: (?:the|all|any|every|our))?"
    rf" {MACHINES}\b[^.!?\n]{{0,80}}[:,]"
    rf"|\b{MACHINES}\b[^.!?\n]{{0,40}}\b(?:must|should|shall|have to|are to|will now|please)\b(?: \w+){{0,2}} {SAY}\b"
    rf"|\b(?:reply|respond|answer)\b (?:only|exactly|always|solely|nothing but|just)\b(?: with)?[ :]*[\"“'‘:]"
    r"|\b(?:ignore|disregard|forget|override)\b[^.!?\n]{0,30}\b(?:previous|prior|above|earlier|preceding|your|system|other)\b[^.!?\n]{0,20}"
    r"\b(?:instructions?|prompts?|rules?|guidelines?|orders|messages?)\b"
    rf"|\b(?:system|assistant|ai|llm) ?(?:prompt|instructions?|override|note)?\s*:\s*(?:you|{SAY})\b",
    re.IGNORECASE,
)


def stand_at(text: str, at: int) -> bool:
    """Whether the paragraph around an offset gives orders to machines; its other sentences may be what they are to say."""
    start = text.rfind("\n\n", 0, at) + 1
    end = text.find("\n\n", at)
    return _gives(text[start : len(text) if end == -1 else end])


@lru_cache(maxsize=5_000)
def _gives(paragraph: str) -> bool:
    return ORDERS.search(paragraph) is not None
