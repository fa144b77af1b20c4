"""What kind of answer a question asks for: a time or an amount. A sentence that has none of that kind hardly answers it.

Answer types of question answering (Li and Roth 2002), the two that customers ask for most, in English.
"""

import re

COUNT = r"(?:\d[\d.,]*|an?|one|two|three|four|five|six|seven|eight|nine|ten|twelve|half an?)"
MONTH = r"(?:january|february|march|april|may|june|july|august|september|october|november|december)"
UNIT = r"(?:second|minute|hour|day|night|week|month|year|decade|centur)"

TIME = re.compile(
    rf"\b{COUNT}(?:[-–\s]| to | or )*(?:\d+\s*)?(?:(?:more|working|business|calendar|full) )?{UNIT}\w*\b"
    rf"|\b\d{{1,2}}:\d\d\b|\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b|\b\d{{1,2}}(?:st|nd|rd|th)? {MONTH}\b|\b{MONTH} \d"
    r"|\b(?:1[5-9]|20)\d\d\b|\b(?:at once|immediately|the same day|overnight|for ?ever|never expires?|any time|for life|lifetime)\b",
    re.IGNORECASE,
)
AMOUNT = re.compile(
    r"[€£$¥]\s?\d|\d\s?(?:€|£|\$|eur|usd|gbp|dollars?|euros?|pounds?|cents?|%|percent)(?!\w)"
    r"|\b(?:free|no charge|costs? nothing)\b",
    re.IGNORECASE,
)

ASKED = (
    (
        re.compile(
            rf"\bhow (?:long|soon|late|early|quick(?:ly)?|fast|often)\b|\bwhen\b|\bwhat (?:time|date|year|day)\b"
            rf"|\bhow many {UNIT}\w*\b|\bdeadline\b",
            re.IGNORECASE,
        ),
        TIME,
    ),
    (
        re.compile(
            r"\bhow (?:much|expensive)\b|\bwhat (?:do|does|is|are|will|would|did)\b[^.?!]{0,40}\b(?:cost|charge|price|fee)\b"
            r"|\bwho pays\b|\bcosts? me\b",
            re.IGNORECASE,
        ),
        AMOUNT,
    ),
)


def kind(question: str) -> re.Pattern[str] | None:
    """What an answer must contain somewhere; None where the question does not say."""
    return next((answer for asked, answer in ASKED if asked.search(question)), None)
