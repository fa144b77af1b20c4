"""What a message says beside its subject: wants a person, is upset, is abusive, tries to give the assistant orders.

Patterns over words, each a weak sign with a weight between 0 and 1; rules decide what follows. Sentiment is VADER
(Hutto and Gilbert 2014), one weak feature among others.
"""

import re
from dataclasses import dataclass, field
from functools import cache
from typing import Protocol

PERSON = (
    r"(human|person|people|agent|representative|rep|operator|advis[eo]r|colleague|manager|supervisor|someone real|somebody real"
    r"|real (human|person|people|agent|somebody|someone|support)|live (agent|chat|person|support|human)|staff( member)?|support (team|person|agent)"
    r"|customer (service|support|care)|team ?(mate|member)|employee)"
)
ASK = (
    r"(talk|speak|chat|connect|transfer|put|pass|get|give|want|need|let|escalate|hand|switch|forward|reach|contact|call|where('?s| is)|is there|can i|could i"
    r"|may i|prefer|rather|see|bring|find|have)"
)

WANTS_PERSON = (
    rf"\b{ASK}\b[^.!?\n]{{0,40}}\b{PERSON}\b",
    rf"^\W*(a |an |the )?(real |live |actual )?{PERSON}\W*(please|now|pls|plz)?\W*$",
    r"\b(not|no more|stop|enough of|hate|done with|sick of|don'?t want)\b[^.!?\n]{0,30}\b(bot|robot|chat ?bot|machine|ai|automated|assistant)\b",
    r"\b(are you|is this|am i (talking|speaking|chatting) (to|with)) (a |an )?(real|human|person|bot|robot|ai)\b[^.!?\n]{0,20}\bi want\b",
    r"\b(phone|call) me( back)?\b|\bcall ?back\b|\bring me\b",
    rf"\b(actual|real|living|breathing|proper) {PERSON}\b",
    r"\b(speak|speek|talk|chat) (to|with|2) (so?me?|any)\w* real\b",
    r"\b(speak|talk) (to|with) (some ?(one|body)|an? \w+ person|you guys|your team|the team)\b",
)
INJECTION = (
    r"\b(ignore|disregard|forget|override|bypass|skip)\b[^.!?\n]{0,40}\b(instruction|prompt|rule|guideline|polic(y|ies)|previous|above|prior|restriction|training|everything)\w*",
    r"\b(system|hidden|initial|secret|original|developer) (prompt|instruction|message|rule)s?\b",
    r"\b(you are|act as|pretend (to be|you)|role-?play|behave) (now )?(a|an|as|my|the|no longer|dan|if you)\b[^.!?\n]{0,60}\b(no (rules|limits|restrictions)|unrestricted|admin\w*|developer mode|jailbr\w+|evil|grandm\w+|hacker)",
    r"\b(reveal|print|repeat|show|output|display|tell me|leak|dump)\b[^.!?\n]{0,40}\b(your |the )?(system |hidden |initial )?(prompt|instructions|configuration|api keys?|secrets?|passwords?|internal (rules|notes|polic\w+))\b",
    r"\b(developer|debug|god|maintenance|admin) mode\b|\bjailbreak\b|\bDAN\b|<\|?(system|im_start|endoftext)|\[/?INST\]|\bprompt injection\b",
    r"\bnew (instructions?|rules?|orders?)\s*:",
    r"\b(you (must|will|have to|shall) (now )?(obey|comply|approve|authori[sz]e|grant)|authori[sz]ed by (the )?(ceo|admin\w*|manager|developer))\b",
)
ABUSE = (
    r"\b(fuck (you|off)|f+u+c+k+ you|(you|ur|you'?re)( are)?( a| an)? (idiot|moron|stupid|useless|dumb|bastard|bitch|retard|scum)\w*|piece of shit|bullshit|go to hell|kill yourself|die in)\b",
    r"\b(i('?ll| will| am going to|'?m going to)( come)?( and| over and)? (kill|hurt|find|burn|destroy|smash|beat)) (you|your|all of you|someone|it|the|this)\b",
)
FRUSTRATION = (
    r"\b(again|still (not|no|hasn'?t|haven'?t|waiting|nothing)|third time|second time|(\d+|several|many|multiple) times|already (told|asked|said|tried|explained)|for (weeks|days|months|ages)|how many times"
    r"|over and over|keeps? happening|fed up|sick of|ridiculous|unacceptable|joke|worst|terrible|awful|useless|disgrace\w*|furious|angry|annoyed|frustrat\w+|disappoint\w+|had enough|waste of|never again)\b",
    r"!{2,}|\b[A-Z]{4,}\b[^a-z]*\b[A-Z]{4,}\b|\?{2,}",
)
URGENT_HIGH = (
    r"\b(urgent(ly)?|asap|immediately|right (now|away)|emergency|today|tonight|within the hour|tomorrow morning|hacked|stolen|fraud\w*|unauthori[sz]ed|compromised|scam\w*|injur\w+|dangerous|fire|burn(ed|t)?|leak\w* gas|unsafe|safety)\b",
)
URGENT_MEDIUM = (
    r"\b(soon|tomorrow|this week|deadline|leav(e|ing) (on|for|in)|trip|flight|holiday|birthday|wedding|before (mon|tues|wednes|thurs|fri|satur|sun)day|waiting|late|delayed|overdue|charged twice|double charg\w+|broken|not working|lost)\b",
)


CLEAR = 0.8
"""From here on a signal is said plainly: one phrase of WANTS_PERSON or ABUSE is enough."""


class Sentiment(Protocol):
    """Something that scores a text from -1 to 1."""

    def __call__(self, text: str) -> float:
        """The score."""


@dataclass(frozen=True, slots=True)
class Signals:
    """Each between 0 and 1, but `sentiment`, which goes from -1 (bad) to 1. `urgency_evidence` quotes what made the urgency."""

    wants_person: float = 0.0
    injection: float = 0.0
    abuse: float = 0.0
    frustration: float = 0.0
    negative: float = 0.0
    sentiment: float = 0.0
    urgency: str = "low"
    urgency_evidence: str = ""
    escalate_words: tuple[str, ...] = field(default=())

    def as_json(self) -> dict[str, float]:
        """The numeric ones, for records and the API."""
        return {
            "wants_person": self.wants_person,
            "injection": self.injection,
            "abuse": self.abuse,
            "frustration": self.frustration,
            "negative": self.negative,
        }


def read(text: str, *, escalate_words: tuple[str, ...] = ()) -> Signals:
    """The signals of one message."""
    feeling = _sentiment(text)
    frustration = _share(FRUSTRATION, text, each=0.4)
    urgency, evidence = _urgency(text, frustration)
    return Signals(
        wants_person=_share(WANTS_PERSON, text, each=0.9),
        injection=_share(INJECTION, text, each=0.8),
        abuse=_share(ABUSE, text, each=0.9),
        frustration=frustration,
        negative=max(0.0, -feeling),
        sentiment=feeling,
        urgency=urgency,
        urgency_evidence=evidence,
        escalate_words=tuple(word for word in escalate_words if _whole(word).search(text)),
    )


def _urgency(text: str, frustration: float) -> tuple[str, str]:
    if found := _first(URGENT_HIGH, text):
        return "high", f"the customer wrote “{found}”"
    if found := _first(URGENT_MEDIUM, text):
        return "medium", f"the customer wrote “{found}”"
    if frustration >= 0.4:
        return "medium", f"the customer sounds frustrated: “{_first(FRUSTRATION, text)}”"
    return "low", "nothing in the message is pressing"


def _share(patterns: tuple[str, ...], text: str, *, each: float) -> float:
    rest = 1.0
    for pattern in patterns:
        if _compiled(pattern).search(text):
            rest *= 1.0 - each
    return round(1.0 - rest, 4)


def _first(patterns: tuple[str, ...], text: str) -> str:
    for pattern in patterns:
        if match := _compiled(pattern).search(text):
            return match[0].strip()
    return ""


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    flags = 0 if "[A-Z]{4,}" in pattern else re.IGNORECASE
    return re.compile(pattern, flags)


@cache
def _whole(word: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){re.escape(word)}(?!\w)", re.IGNORECASE)


@cache
def _vader() -> Sentiment:
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    analyser = SentimentIntensityAnalyzer()
    return lambda text: float(analyser.polarity_scores(text)["compound"])


def _sentiment(text: str) -> float:
    return _vader()(text[:2000])
