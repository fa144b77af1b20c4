"""Closed lists of English words that the gate compares by: what carries no claim, what means the same, what excludes each other."""

import re

from tandem.knowledge import lexemes


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


FUNCTION = _set(
    "i me my myself we our ours ourselves us you your yours yourself yourselves he him his himself she her hers herself it its itself"
    " they them their theirs themselves what which who whom whose this that these those am is are was were be been being have has had"
    " having do does did doing done a an the and but if or because as until while of at by for with about against between into through"
    " during before after above below to from up down in out on off over under again further then once here there when where why how"
    " all any both each few more most other some such no nor not only own same so than too very s t can will just don should now would"
    " could may might must shall also one ve re ll d m % # @"
)
"""Function words: they are compared in their order, but say nothing alone."""

FILLER = _set(
    "yes yeah yea yep yup no nope ok okay oh ah wow haha lol hi hello hey sure thanks thank please sorry absolutely definitely exactly"
    " indeed course certainly well actually really agree agreed true right know welcome glad happy hope understand"
)
"""Words of courtesy and agreement; a sentence of nothing else claims nothing."""

SPEAKER = _set("i me my mine myself im ive id")
"""A sentence about who speaks is not about the passage."""

OPINION = _set(
    "great good bad best worst awesome amazing cool nice interesting funny hilarious crazy weird strange sad beautiful wonderful"
    " terrible horrible fun boring favorite favourite love hate guess think believe wonder bet maybe perhaps probably surprised"
    " shame lovely brilliant fantastic excellent perfect"
)
"""Judgements and guesses: said of its own accord unless the passage says it too."""

ASKS = re.compile(
    r"^\W*(?:(?:yes|yeah|no|ok|okay|oh|wow|and|but|so|well|hi|hello|hey)\b\W*)*"
    r"(?:(?:do|did|does|have|has|had|are|is|was|were|can|could|would|will|should)(?:\s?n['’]?t)?"
    r"\s+(?:you|it|they|he|she|we|i|there|that|this)\b"
    r"|(?:what|who|whose|how|why|where|which)\b(?!.*[.]$))",
    re.IGNORECASE,
)
"""A question by its word order, whether or not it ends like one."""

MODAL = _set("might may could should must would maybe perhaps probably likely apparently supposedly")
"""How sure or how binding: said of its own accord unless the passage says it so."""

NUMERALS = {
    word: str(value)
    for value, words in {
        0: "zero", 2: "two twice", 3: "three thrice", 4: "four", 5: "five", 6: "six sixth", 7: "seven seventh", 8: "eight eighth",
        9: "nine ninth", 10: "ten tenth", 11: "eleven", 12: "twelve dozen", 13: "thirteen", 14: "fourteen", 15: "fifteen",
        16: "sixteen", 17: "seventeen", 18: "eighteen", 19: "nineteen", 20: "twenty", 30: "thirty", 40: "forty", 50: "fifty",
        60: "sixty", 70: "seventy", 80: "eighty", 90: "ninety", 100: "hundred", 1000: "thousand",
    }.items()
    for word in words.split()
}  # fmt: skip
"""Number words by value. "One" is mostly a pronoun, "second" a unit of time: both count as words."""

WRITTEN_OUT = {
    short: f"{short[:-1]}'t"
    for short in "dont doesnt didnt isnt arent wasnt werent cant wont wouldnt couldnt shouldnt hasnt havent hadnt".split()
}
"""Contractions without their apostrophe."""

_ALIKE = (
    "buy bought purchase", "begin start commence", "receive get obtain", "send sent ship dispatch", "email e-mail mail",
    "phone telephone", "cost charge price", "pay paid", "choose chose chosen select pick", "click tap press", "parcel package",
    "show display", "help assist", "need require", "allow permit", "repair fix", "quick fast", "big large", "usa america",
    "movie film", "kid child children", "eur euro euros €", "gbp pound pounds £", "usd dollar dollars $", "percent %",
    "minute minutes min mins", "hour hours hr hrs", "kilogram kilograms kg kilo kilos", "gram grams g", "photo picture", "store shop",
    "item article product", "reply answer", "delete remove erase", "change alter modify", "immediately instantly",
    "complimentary free", "customer client", "holiday vacation", "colour color", "bike bicycle", "car automobile",
)  # fmt: skip
SAME = {form: group.split()[0] for group in _ALIKE for word in group.split() for form in (lexemes.root(word), word)}
"""Words that mean the same in a help centre and mostly elsewhere, by one of them. Only pairs that may always stand for each other."""

_FAMILIES = (
    "monday tuesday wednesday thursday friday saturday sunday",
    "january february march april june july august september october november december",
    "second minute hour day week month year quarter decade century",
    "morning afternoon evening night noon midnight",
    "eur gbp usd",
    "kilogram gram pound ton",
    "metre kilometre centimetre millimetre mile",
    "spring summer autumn winter",
    "gb mb tb kb",
)


def root(word: str) -> str:
    """What a word is compared by: its group of SAME, or its root."""
    return SAME.get(word) or SAME.get(lexemes.root(word), lexemes.root(word))


FAMILY = {root(word): number for number, group in enumerate(_FAMILIES) for word in group.split()}
"""Roots of which a sentence's are compared exactly: another of the same family is another fact."""

_OPPOSITES = (
    "before/after always/never always/sometimes more/less more/fewer most/least maximum/minimum max/min earliest/latest first/last"
    " open/closed free/charged with/without above/below over/under increase/decrease accept/reject accept/refuse accept/decline"
    " include/exclude inclusive/exclusive including/except enable/disable activate/deactivate active/inactive allow/forbid"
    " allow/prohibit possible/impossible able/unable available/unavailable valid/invalid verified/unverified open/unopened"
    " used/unused worn/unworn limited/unlimited lock/unlock subscribe/unsubscribe legal/illegal old/new lower/higher low/high"
    " cheaper/dearer short/long shorter/longer earlier/later inside/outside in/outside domestic/international public/private"
    " optional/mandatory optional/required optional/obligatory voluntary/mandatory full/partial whole/part online/offline"
    " buyer/seller sender/recipient input/output upload/download push/pull left/right top/bottom front/back up/down on/off"
    " hot/cold warm/cold dry/wet begin/end start/finish win/lose gain/lose earn/lose rise/fall safe/dangerous safe/unsafe"
    " same/different temporary/permanent automatic/manual automatically/manually weekday/weekend daily/weekly daily/monthly"
    " weekly/monthly monthly/yearly weekly/yearly refund/keep add/remove success/failure successful/unsuccessful guest/member"
    " business/calendar working/calendar small/big smaller/larger light/heavy lighter/heavier best/worst better/worse good/bad"
    " strong/weak stronger/weaker near/far many/few male/female man/woman father/mother born/died north/south east/west"
    " northern/southern eastern/western within/after until/after until/when until/once until/if until/from to/from"
    " immediately/later gross/net must/may must/can"
    " must/should first/second first/third second/third second/last third/last first/later"
    " narrower/wider thinner/thicker return/keep and/or unless/if unless/when keep/throw keep/discard except/if except/and except/or"
)
_PAIRS = [tuple(root(word) for word in pair.split("/")) for pair in _OPPOSITES.split()]
OPPOSITE = frozenset({*_PAIRS, *((b, a) for a, b in _PAIRS)})
"""Pairs of roots that exclude each other where one stands in the other's place."""

NEGATION = re.compile(
    r"\b(?:not|no|never|cannot|neither|nor|none|nobody|nothing|nowhere|without|unable|impossible|hardly|n[o']t)\b|n['’]t\b"
    r"|\b(?:do|does|did|is|are|was|were|ca|wo|would|could|should|has|have|had)nt\b",
    re.IGNORECASE,
)
