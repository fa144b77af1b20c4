"""Whether a message asks for a person, in the many ways people do. Patterns over English words; typing errors are forgiven.

What is asked for must be somebody of the company, in a clause that asks: "can a person under 18 order?" does not, nor does
"a 4 person tent" or "are you a real person?". Measured, never fitted to single rows: docs/decisions/0013-routing.md.
"""

import re
from functools import cache, lru_cache

from rapidfuzz.distance import OSA

ASKED = 0.9
"""Of a message that asks for a person: one phrase says it plainly."""

READ_CHARS = 8000
"""Of a longer message, what it begins and what it ends with: that is where people ask."""

WORDS = frozenset(
    "agent human person people operator someone somebody anyone manager supervisor representative colleague employee advisor"
    " consultant assistant assistance specialist customer service support speak speaking talking chatting transfer connect robot"
    " machine".split()
)
"""Words that a typing error must not hide, five letters and more."""

REAL_WORDS = frozenset(
    "manage managed manages speaks speaker personal persons peoples humane humans agents agency services supports connects"
    " connected connection transfers robots machines anyones talkings customs assist assistants employed employees employer"
    " colleagues operate operates operated operators customers support's agent's someones persona managers stalking taking"
    " walking chatting charting matching specialists supported peopled operation".split()
)
"""One letter from one of them, and meant as it stands."""

WHO = (
    r"(?:(?:a|an|the|any|some|one of|one|your|of your|member of|members? of|somebody|someone|anyone|from|your own|our|in|at|of|to|with|real|live|living|actual|human|proper|breathing|"
    r"flesh and blood|senior|qualified|different|another|other|available|free|customer|support|sales|service|technical|billing|phone|company|shop|store|responsible|nice|competent|on the) ){0,5}?"
)
PERSON = (
    r"(?:humans?(?: being)?|persons?|people|agents?|representatives?|reps?|operators?|advis[eo]rs?|assistants?|colleagues?|co-?workers?|manager|supervisor|boss|employees?"
    r"|staff(?: member)?|member of (?:your |the )?(?:staff|team)|team ?(?:mate|member)s?|clerk|consultant|specialist|expert"
    r"|some ?(?:one|body)|any ?(?:one|body)|customer (?:service|support|care|assistance)|support(?: team| staff| desk)?|help ?desk|(?:your|the) team|you guys)"
)
STRICT = r"(?:human(?: being| agent| support| help| assistance)?|person|people|agent|representative|rep|operator|advis[eo]r|colleague|manager|supervisor|employee|staff(?: member)?|customer (?:service|support|care)|live (?:chat|support))"
"""Who may be wanted without a word of talking."""

END = r"(?=\W*(?:$|[.!?,;:)\n-]|please|pls|plz|now|asap|right|here|instead|today|to (?:talk|speak|chat|help|look|answer|handle|deal|take|call|phone|ring|contact|assist)|who|that can|on the|for this|available|not |and |or |because|as )|\W*$)"
"""After whoever is wanted, the clause ends or goes on about them: "an agent code" and "a person tent" are other things."""

TALK = r"(?:talk|talking|speak|speaking|speek|spek|chat|chatting|communicate|discuss (?:it|this|that)|be connected|get connected|in (?:touch|contact)|get through|getting through|go through)"
MOVE = r"(?:transfer|connect|connecting|put|pass|hand|switch|forward|direct|refer|escalate|patch|route)"
REACH = r"(?:contact|contacting|reach|reaching|call|calling|phone|phoning|message|get hold of|get a hold of|getting hold of)"
GET = r"(?:get|give|want|wanna|need|prefer|find|fetch|bring|send|see|have|like|is there|are there|request|call|with)"
ANY = r"(?:(?!about |for |regarding |that |who |because |if )[\w']+ ){0,4}?"
"""Whatever is said of whom one talks to, curses included."""

NO_WISH = r"(?<!don't want to )(?<!dont want to )(?<!not want to )(?<!no need to )(?<!not need to )(?<!don't need to )(?<!without )(?<!was )(?<!were )(?<!been )(?<!after )(?<!while )(?<!just )(?<!instead of )"

REQUESTS = (
    rf"\b{NO_WISH}{TALK}\b[^.!?\n]{{0,20}}?\b(?:to|with|2|w|wth|wit|wirh) ?{ANY}{PERSON}\b",
    rf"\b{NO_WISH}{MOVE}(?: (?:me|us|this|it|that|the)(?: (?:chat|conversation|case|issue|ticket|one|matter|call))?)?(?: ?(?:over|through|thru|on|up|back|across))? (?:to|with|onto) {WHO}(?!someone else|somebody else|another person){PERSON}{END}",
    rf"\b(?:can|could|may|how|want|need|like|let|help|trying|try|have|where|please|wish|assist\w*|to|i'd)\b[^.!?\n]{{0,30}}\b{NO_WISH}{REACH} {WHO}(?:{STRICT}|assistant|some ?(?:one|body)){END}",
    rf"^\W*{REACH} {WHO}(?:{STRICT}|assistant|some ?(?:one|body))\W*$",
    rf"\b(?<!don't )(?<!dont )(?<!not ){GET}(?: me| us| to have| to get)? {WHO}(?<!\d )(?<!\d-){STRICT}{END}",
    rf"\b(?:assistance|help|aid) (?:from|by|of) {WHO}{PERSON}\b",
    rf"^\W*(?:(?:i )?(?:want|need) )?(?:a |an |the |any |your )?(?:real |live |actual |human )?(?:{STRICT}|live chat)\W*(?:please|now|pls|plz|asap)?\W*$",
    r"\b(?:not|no more|stop|enough of|hate|done with|sick of|don'?t (?:want|like)|no|fed up with|tired of|instead of|useless)\b[^.!?\n]{0,30}\b(?:ro)?bots?\b(?! vacuum| mower| hoover)",
    r"\b(?:not|no more|stop|enough of|hate|done with|sick of|don'?t want|tired of)\b[^.!?\n]{0,30}\b(?:(?:to|with|by) (?:a |an |the |this |your )?|this )(?:chat ?bot|machine|computer|ai|automat(?:ed|ic) \w+|virtual assistant)\b",
    r"\b(?:call|phone|ring) (?:me|us)(?: back)?(?=\W*$|[.!?,;]| back| please| pls| when| about| asap| now| today| tomorrow| to discuss)",
    r"\b(?:want|need|like|request\w*|arrange|get|have|can i|could i|schedule|book)\b[^.!?\n]{0,20}\bcall ?-?backs?\b",
    rf"\b(?:some ?(?:one|body)|{STRICT}|one of (?:you|your \w+))\b[^.!?\n]{{0,20}}\b(?:(?:call|phone|ring|contact|help) (?:me|us)|take (?:this )?over)\b",
    r"(?<!are you )(?<!you are )(?<!you're )(?<!is this )(?<!like )(?<!with )(?<!to )\b(?<!a )(?:an? )?\b(?:actual|real|live|living|breathing) (?:human|person|people|agent|operator|representative|somebody|someone|employee|support|staff)\b[^.!?\n]{0,20}\b(?:please|pls|now|here|help|assist\w*|available|chat|talk|speak)\b",
    r"\b(?:speak|speek|talk|chat|talking|speaking) (?:to|with|2) (?:some|any)\w* real\b|\b(?:some|any)(?:one|body) (?:real|human|in charge|who (?:can|could) (?:actually|really))\b",
    r"\b(?:hand|pass) (?:me|this|it) (?:over )?to (?:some|any)(?:one|body)\b|\btransfer me\b|\bescalate (?:this|it|my \w+)(?: now| please|$|[.!])",
    r"\b(?:is|are) (?:there )?(?:any ?(?:one|body)|someone|a (?:person|human)|people|a member of (?:your|the) (?:team|staff))\b[^.!?\n]{0,25}\b(?:there|talk|speak|chat|available|real|here|online|help me)\b",
)


OTHERWISE = re.compile(
    r"\b(?:on (?:mon|tues|wednes|thurs|fri|satur|sun)days|(?:at )?weekends?|(?:what|which) (?:time|hours|days)|(?:till|until) when|opening hours|how many)\b"
    r"|^\W*(?:(?:and|so|but|hey|hi|hello|wait|ok)\W+)*(?:are|r) (?:you|u)\b(?!.*\b(?:able to|can)\b)|\bam i (?:talking|speaking|chatting)\b"
    r"|\b(?:what|name|people)\b.*\bcall me\b",
    re.IGNORECASE,
)
"""A sentence about people that asks for none: when they are there, whether this is one, how one is called."""

SENTENCE = re.compile(r"[^.!?\n]+[.!?]*")


def asks(text: str) -> float:
    """ASKED when a sentence of the message asks for a person, else 0."""
    plain = _mended(text if len(text) <= READ_CHARS else f"{text[: READ_CHARS // 2]}\n{text[-READ_CHARS // 2 :]}")
    sentences = (sentence for sentence in SENTENCE.findall(plain) if not OTHERWISE.search(sentence))
    return ASKED if any(pattern.search(sentence) for sentence in sentences for pattern in _patterns()) else 0.0


@cache
def _patterns() -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern, re.IGNORECASE) for pattern in REQUESTS)


def _mended(text: str) -> str:
    """The text with one typing error in each of WORDS put right, and curly apostrophes straight."""
    return re.sub(r"[A-Za-z]{4,16}", lambda found: _right(found[0].lower()), text.replace("’", "'"))


@lru_cache(maxsize=20_000)
def _right(word: str) -> str:
    if word in WORDS or word in REAL_WORDS:
        return word
    return next(
        (
            meant
            for meant in _ORDERED
            if abs(len(meant) - len(word)) <= 1 and OSA.distance(word, meant, score_cutoff=1) <= 1
        ),
        word,
    )


_ORDERED = sorted(WORDS)
