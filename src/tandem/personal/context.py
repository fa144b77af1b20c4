"""What stands before a number: words that say it is somebody's, and words that say it is a thing's.

English, German, French, Spanish, Italian, Portuguese, Dutch, Polish and the Nordic languages. Words only; no number is judged here.
"""

import re

THINGS = re.compile(
    r"(?:orders?|order[- ]?(?:id|nr|number)|tracking|track|parcel|package|shipment|shipping|consignment|delivery|invoice|receipt|refund|transaction|payment|booking"
    r"|reservation|confirmation|ref(?:erence)?|ticket|case|claim|serial|s/n|model|article|item|product|sku|upc|ean|gtin|isbn|imei|asin|part|batch|lot|version"
    r"|build|release|firmware|error|code|coupon|voucher|gift ?card|pin|zip|postcode|policy|contract|customer|client|member(?:ship)?|account|acct|a/c|user|id|licen[cs]e"
    r"|driver'?s licen[cs]e|passport|vat|dhl|ups|usps|fedex|gls|dpd|hermes|evri|royal mail|sizes?|readings?|dimensions|amount|total|price|balance|quantity|qty|meter|flight|chapter|section|page"
    r"|bestell\w*|auftrag\w*|sendung\w*|paket\w*|rechnung\w*|liefer\w*|artikel\w*|kunden\w*|vertrag\w*|konto\w*|serien\w*|vorgang\w*|gutschein\w*"
    r"|commande|colis|suivi|facture|livraison|r[ée]f[ée]rence|contrat|client|compte|pedido|env[ií]o|seguimiento|factura|art[ií]culo|contrato|cuenta|cliente"
    r"|ordine|spedizione|fattura|articolo|contratto|conto|encomenda|fatura|conta|bestelling|zending|factuur|pakket|klant\w*|zam[oó]wieni\w*|przesy[lł]k\w*|faktur\w*"
    r"|bestilling\w*|ordre\w*|pakke\w*|paket\w*|faktura\w*|tilaus\w*|l[äa]hety\w*|lasku\w*)",
    re.IGNORECASE,
)
"""Things that have numbers."""

BETWEEN = (
    r"(?:[\s\"'“”„:#=(\[*_-]|\b(?:numbers?|nummer|no|nr|num|n[°º]|num[ée]ro|n[uú]mero|numero|numer|id|code|is|was|ist|war|lautet|est|es|[eè]|s[aã]o|jest|er"
    r"|are|of|the|my|with|and|called|named|under|de|del|der|die|das|meine|la|le|el)\b\.?){0,12}"
)
"""What may stand between such a word and its number."""

THING = re.compile(
    rf"(?<!\w)(?:{THINGS.pattern})(?!\w)(?:'s)?(?:[ -]?(?:number|nummer|nr|no|num[ée]ro|n[uú]mero|numero|numer)\b)?",
    re.IGNORECASE,
)
"""A thing, with the word “number” behind it."""

THING_BEFORE = re.compile(rf"(?<!\w)(?:{THINGS.pattern}){BETWEEN}\Z", re.IGNORECASE)
TO_CALL = re.compile(
    r"\b(?:phones?|telephone|tel|mobile|cell(?:phone|ular)?|landline|fax|call(?:s|ed|ing)?|ring|dial|text(?:ed)?|sms|whats ?app|signal|telegram|viber|reach|contact"
    r"|hotline|voicemail|messages?|number|extension|handy|handynummer|telefon\w*|ruf\w*|anruf\w*|erreich\w*|mobil\w*|nummer|durchwahl"
    r"|t[ée]l[ée]phone|portable|appel\w*|joindre|num[ée]ro|tel[ée]fono|m[oó]vil|celular|llam\w*|n[uú]mero|telefono|cellulare|chiam\w*|numero|telefone|telem[oó]vel"
    r"|lig(?:ar|ue|a)|telefoon\w*|mobiel\w*|bel(?:len)?|telefonu?|kom[oó]rk\w*|zadzwo\w*|numer|puhelin\w*|soita|ring\w*|mobilnummer)\b",
    re.IGNORECASE,
)
CARD_WORD = re.compile(
    r"\b(?:cards?|cc|credit|debit|visa|master ?card|maestro|amex|american express|diners|discover|jcb|unionpay|karten?|kredit\w*|carte|bancaire|tarjeta|carta|cart[aã]o"
    r"|kaart|karta|karty|kort\w*|kortti\w*|luottokort\w*)\b",
    re.IGNORECASE,
)


def names_a_thing(text: str, start: int) -> bool:
    """Whether the words right before this place say that a thing's number follows."""
    return THING_BEFORE.search(text[max(0, start - 60) : start]) is not None


def near(words: re.Pattern[str], text: str, start: int, end: int, *, before: int = 60, after: int = 25) -> bool:
    """Whether one of the words stands near, on the same lines."""
    return bool(words.search(text[max(0, start - before) : start]) or words.search(text[end : end + after]))
