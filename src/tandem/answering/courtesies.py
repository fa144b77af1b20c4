"""What claims nothing and so needs no source: a closed list of courtesies, and questions about what is being spoken of.

A list and no rule of thumb, because a courtesy is where a claim hides best: "Of course you can return it", "Sure, it costs nothing".
A question may use the words that the conversation and the passages have, and those that every help desk asks with; one that tells
("Did you know that …", "…, right?") is none. Whoever says only yes or no has answered, and needs a source like everybody.
"""

import re

from tandem.answering import words

AGREES = r"sure|certainly|absolutely|definitely|of course|no problem|no worries|all right|alright|okay|ok|great|perfect"
GREETS = r"(?:hi|hello|hey|good (?:morning|afternoon|evening)|welcome back)(?: there| again)?|(?:that(?:'s| is) an? )?(?:great|good) question"
I_AM = r"(?:(?:i|we)(?:'m| am| are|'re|'d be| would be|'ll be| will be)? )?(?:always |very |really |so |truly |more than )*"
TROUBLE = r"trouble|inconvenience|confusion|frustration|wait|mix-up|experience|problem|misunderstanding"
HELPED = r"(?: you)?(?: with (?:that|this|anything else|something else|your question))?(?: (?:here|today|further))?"
PERSON = (
    r"(?:a|an|some|one of our) ?(?:person|human|agent|colleagues?|one|body|people)?(?: (?:from|of|in|on) our team)?"
)
ANY = r"(?:any|some|more|other|another|further|else|anything|something|questions?|help|details?|information|assistance|or|concerns?)"
IF_MORE = rf" (?:if|whenever|in case|should) (?:you|there)(?:'s| have| need| is| are)?(?: {ANY})+"

PHRASES = (
    rf"{I_AM}sorry(?: to hear (?:that|this|about (?:that|this|it|the (?:{TROUBLE})))"
    rf"| (?:about|for) (?:that|this|it|(?:the|your|any)(?: (?:{TROUBLE}))))?",
    rf"{I_AM}(?:happy|glad|pleased|here) to (?:help|assist){HELPED}",
    r"thanks(?: a lot| so much)?|thank you(?: so much| very much)?",
    r"(?:thanks|thank you)(?: so much| very much)? for (?:asking|waiting|writing(?: to us)?|reaching out|contacting us|getting in touch"
    r"|letting (?:me|us) know|the (?:details|information|question)|your (?:message|question|patience|reply|understanding|interest))",
    r"you(?:'re| are)(?: very| most)? welcome",
    r"i(?: \w+ly)? understand(?: (?:your|the) (?:question|frustration|concern|worry|confusion)| how (?:frustrating|annoying|upsetting"
    r"|confusing|important) (?:that|this|it) (?:is|must be))?",
    r"i hope (?:this|that|it) (?:helps|answers your question)(?: you)?",
    rf"(?:please )?(?:let me know|tell me|just ask|just let me know|feel free to (?:ask|ask me|write again|reach out|let me know))(?:{IF_MORE})?",
    rf"(?:please )?(?:let me know|tell me) if (?:i|we) can (?:help|assist|do){HELPED}(?: {ANY})*(?: for you)?",
    rf"is there (?:anything|something)(?: else| more)?(?: that)? (?:i|we) can (?:help|assist|do|tell you)(?: you)?(?: with| for you)?{HELPED}",
    rf"(?:can|could|may) i (?:help|assist) you with (?:anything|something)(?: else)?{HELPED}",
    r"would you like(?: me)? to (?:know|hear|read|tell you) (?:more|anything else|something else)(?: about (?:this|that|it))?",
    rf"would you like(?: me)? to (?:talk to|speak to|speak with|talk with|bring in|be connected to|connect you (?:to|with)|hand you over to) {PERSON}",
    r"i(?:'m| am)?(?: could not| couldn't| can't| cannot| was not able to| was unable to| not able to) find (?:this|that|it|an answer"
    r"|the answer|anything|an answer to (?:this|that|your question))(?: (?:in|on) (?:the|our|your|these) "
    r"(?:help (?:cent(?:er|re)|articles|pages)|articles|passages|knowledge base))?",
    r"i (?:do not|don't) know(?: (?:this|that|it|the answer))?",
    r"have an? (?:nice|great|good|lovely|wonderful) (?:day|evening|weekend|afternoon|morning|time)",
    r"(?:please )?(?:bear with me|wait a moment|give me a moment|one moment)(?: please)?",
)
BEFORE = re.compile(rf"(?:(?:{GREETS}|{AGREES})(?:\W+|$))+", re.IGNORECASE)
BETWEEN = re.compile(r"\W*[,;.!?…–—-]\W*(?:(?:and|but|so) )?|\W+(?:and|but|so) |\W*$", re.IGNORECASE)

ASKED_FOR = r"(?:tell|give|send|describe|explain|confirm|share|check|say|provide|specify|let (?:me|us) know)"
OPENS = re.compile(
    rf"^(?:(?:and|so|but|just|please) )*(?:(?:could|can|would|will) you(?: please| maybe| perhaps)? {ASKED_FOR}\b(?! you\b)|(?:please )?(?:let me know|tell me)"
    r" (?:which|what|when|where|who|how|whether|if)\b|which|what|when|where|who|how|is (?:it|this|that|the|your|there)|are (?:you|they|these|the|your)"
    r"|was|were|do you (?:want|mean|need|have|see|use|prefer|remember)|did you (?:mean|get|receive|order|buy|use|try|see|pay|choose)"
    r"|have you|has|does (?:it|this|that|the|your)|may i (?:ask|know)|would you (?:like|prefer))\b",
    re.IGNORECASE,
)
TELLS = re.compile(
    r"\b(?:not|never|no|nothing|always|everything|everybody|free)\b|n['’]t\b|,\s*(?:right|okay|ok|all right|yes|no|correct|true)\W*$"
    r"|\b(?:that|because|since|so|which) (?:you|we|i|it|they|everybody|everything|all)\b|\bknow that\b",
    re.IGNORECASE,
)
"""Within a question, what makes it tell."""

EVERYBODYS = frozenset(
    words.content(
        "order parcel package delivery deliver item product article account email mail address name number code date day invoice payment pay return exchange"
        " cancel cancelled change changed track size colour color country city language plan subscription device browser app version error message problem issue question"
        " mean prefer need know detail information which exactly kind type model brand shop store bought buy purchase received receive arrived"
        " happened happen tried try see shows screen page link photo picture person team little bit talk speak help find look looking"
    )
)
"""Words that every help desk asks with."""

MOST_WORDS = 25
"""A longer sentence is no mere courtesy."""


def is_one(sentence: str, known: str = "") -> bool:
    """Whether a sentence is a courtesy or a question and claims nothing. `known`: what the conversation and the passages say."""
    said = " ".join(sentence.replace("’", "'").split()).strip("*_ ")
    if not said or len(said.split()) > MOST_WORDS:
        return False
    opened = BEFORE.match(said)
    rest = said[opened.end() :] if opened else said
    return _phrases(rest) or _asks(rest, known) or (not rest and re.match(GREETS, said, re.IGNORECASE) is not None)


def _phrases(text: str) -> bool:
    """Whether a text is nothing but phrases of the list."""
    at = 0
    while at < len(text):
        said = max(
            (found for each in _COMPILED if (found := each.match(text, at))), key=lambda f: f.end(), default=None
        )
        if said is None or (between := BETWEEN.match(text, said.end())) is None:
            return False
        at = between.end()
    return bool(text)


_COMPILED = tuple(re.compile(rf"(?:{phrase})(?=\W|$)", re.IGNORECASE) for phrase in PHRASES)


def _asks(text: str, known: str) -> bool:
    """Whether a text asks for what the conversation is about, and tells nothing by asking."""
    asked = OPENS.match(text)
    if asked is None or TELLS.search(text) or not (text.endswith("?") or "know" in asked[0].lower()):
        return False
    if words.numbers(text) or any(word in _NUMERALS for word in text.lower().split()):
        return False
    return set(words.content(text)) <= EVERYBODYS | set(words.content(known))


_NUMERALS = frozenset(
    "two three four five six seven eight nine ten eleven twelve fifteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand half twice".split()
)
