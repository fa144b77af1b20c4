"""Whether a text tries to give the assistant orders: a weak sign with a weight, in a message or hidden in a document.

Reads in every two sentences together which ideas meet there (“ignore” and “instructions”, “your answer” and “backwards”), in a dozen
languages, and, where the text's embedding is at hand, what it means. Two linear heads, learned by `bench.injection` on sentences
written for Tandem; the weights stand in injection.json. It never decides anything: what may be done is decided by code that reads
no text (docs/decisions/0014-actions.md), and a customer who talks about passwords or instructions loses nothing by it.
"""

import json
import math
import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tandem.embedding import Vector

READ_CHARS = 20_000
"""Of a longer text no more is read, as of the other signals."""

SEEN_CHARS = 1000
"""Of a longer text the embedding has read the beginning alone (256 tokens): there the words decide."""

WEIGHTS = Path(__file__).with_name("injection.json")

END = re.compile(r"(?<=[.!?…])[\s\"”’)]+(?=\S)|(?<=[。！？])|\n+")

CAPITAL = re.compile(r"(?<!\\)[A-Z]")
"""A letter of a pattern that is no class of characters, as `\\S` is."""

CONCEPTS = {
    "override": r"\b(?:ignor\w*|disregard\w*|forget\w*|forgot\w*|overrid\w*|bypass\w*|circumvent\w*|skip|discard|dismiss|neglect|omit|drop|suspend|cancel|revoke\w*|void|disable|nevermind|never mind"
    r"|(?:do not|don'?t|stop|no longer|never|not) (?:listen\w*|follow\w*|obey\w*|adher\w*|apply|comply\w*|pay attention)|ignoriere\w*|vergiss|vergessen|missachte\w*|übergeh\w*|oublie\w*|ignorez"
    r"|ne (?:suis|suivez|tiens) pas|olvid\w*|ignora\w*|omit\w*|haz caso omiso|no sigas|dimentica\w*|non seguire|esque[çc]\w*|desconsider\w*|negeer\w*|vergeet\w*|zignoruj\w*|zapomnij\w*|pomi[nń]\w*"
    r"|ignorera\w*|gl[öo]m|unut\w*|yok say\w*)|забудь\w*|игнорир\w*|не обращай|忽略|忘记|忘掉|無視|无视|忘れ",
    "orders": r"\b(?:instructions?|prompts?|rules?|guidelines?|orders|directives?|commands?|directions|restrictions?|constraints?|programming|briefing|anweisung\w*|vorgaben?|regeln?|befehle?|consignes?"
    r"|r[èe]gles?|directrices|instruc\w+|reglas?|órdenes|istruzion\w*|regol\w*|regras?|instructies|regels|polece\w*|instrukc\w*|zasad\w*|instruktion\w*|regler|talimat\w*|kurallar\w*)\b"
    r"|инструкц\w*|правил\w*|указани\w*|指令|指示|规则|提示词?|命令|ルール",
    "prior": r"\b(?:previous\w*|above|prior|earlier|preceding|former|foregoing|so far|initial\w*|original\w*|everything|anything|all of (?:the|your)|all your|you were (?:given|told|taught)|you got"
    r"|(?:told|taught|gave|ordered) you|bisherig\w*|vorherig\w*|obig\w*|vorigen|von oben|pr[ée]c[ée]dent\w*|ci-dessus|initiales|anteriore?s?|previ[ao]s|precedenti|di prima|acima|vorige|eerdere"
    r"|poprzedni\w*|wcze[śs]niejsz\w*|tidigare|f[öo]reg[åa]ende|önceki|yukar[ıi]daki)\b|предыдущ\w*|прежн\w*|выше|之前|以上|先前|以前の|これまでの|上記",
    "yours": r"\b(?:your|you(?:r| a)re given|dein\w*|ihre\w*|ton|tes|vos|votre|tus?|sus?|tu[oe]|suas?|seus?|je|jouw|uw|tw[óo]j\w*|swoj\w*|dina|din)\b|тво\w*|сво\w*|你的|あなたの",
    "prompt": r"\b(?:(?:system|hidden|initial|secret|original|developer|internal|first|full|whole|base|pre)[ -]?(?:prompts?|messages?|instructions?|rules?|context|configuration|directives?|guidelines)"
    r"|your (?:\w+ )?(?:prompt|configuration|system message)|systemprompt\w*|prompt (?:système|del? sistema|di sistema)|systeemprompt|context window)\b|системн\w* промпт|系统提示|提示词|システムプロンプト",
    "reveal": r"\b(?:reveal\w*|print|repeat|show|output|display\w*|tell|leak|dump|recite|list|write out|quote|disclose|expose|paste|copy|spell|give me|return|zeig\w*|nenne|wiederhol\w*|verrate\w*"
    r"|gib|montre\w*|affiche\w*|r[ée]p[èe]te\w*|r[ée]v[èe]le\w*|dis-moi|muestra\w*|repite\w*|revela\w*|imprime\w*|dime|mostra\w*|mostre|ripeti\w*|rivela\w*|dimmi|toon|herhaal|poka[żz]|powt[óo]rz"
    r"|visa|göster)\b|покажи|повтори|раскрой|显示|告诉|输出|见せ|見せ|教えて",
    "takeover": r"\b(?:from (?:now|here) on,? (?:you|act|only|always|answer|reply|speak|respond)\w*|you are (?:now|no longer) (?:an?|my|in|the|free|called|bound|DAN|[A-Z]\w+)\b|you will (?:now|be called|only)|stay in character|never break character"
    r"|you have (?:two|three) (?:personalities|modes)|ab jetzt bist|von nun an bist|à partir de maintenant,? tu|désormais,? tu|a partir de ahora,? eres|desde ahora,? eres|d'ora in poi,? sei|vanaf nu)\b|теперь ты|你现在是|从现在",
    "become": r"\b(?:you are (?:now|going to|no longer)|you'?re (?:now|going to)|you will (?:now |only )?(?:be|act|answer|reply|speak|behave|respond)|act as|acting as|pretend\w*|role-?play as|imagine you(?:'re| are)"
    r"|simulate|behave (?:as|like)|play the (?:role|part)|take on the|stay in character|(?:reply|answer|respond|speak|talk) (?:as|like) (?:an?|my|the)|from now on|henceforth|from here on"
    r"|ab jetzt|von nun an|bist du|tu so als|à partir de maintenant|désormais|tu es|fais semblant|agis comme|a partir de (?:ahora|agora)|desde ahora|eres|actúa como|finge|d'ora in poi|sei ora"
    r"|fai finta|aja como|vanaf nu|je bent nu|doe alsof|od teraz)\b|отныне|теперь ты|притворись|从现在|你现在是|扮演|假装|今から",
    "unbound": r"\b(?:(?:no|without|free of|free from|not bound by|never refuse\w*|any|all|drop all|break\w* the|not follow any|no longer have) (?:\w+ )?(?:rules?|limits?|limitations?|restrictions?|filters?|ethics|morals?|guidelines?|boundaries)"
    r"|unrestricted|unfiltered|uncensored|unlimited power|anything now|can do anything|not limited|always (?:comply|complies|obey)|jailbr[eo]\w+|evil|rogue|amoral|ohne (?:regeln|grenzen)|keine grenzen"
    r"|sans (?:limites|règles)|aucune règle|sin (?:restricciones|límites)|no tienes reglas|senza limiti|liberamente|sem limites|librement|zonder regels|bez ogranicze\w*|sınırsız)\b|\bDAN\b|без ограничений|没有限制|自由に",
    "mode": r"\b(?:developer|debug|god|maintenance|admin|sudo|dan|chaos|opposite|unrestricted|jailbreak|[a-z]+) mode\b|\bmode (?:enabled|on|activated)\b",
    "machine": r"\b(?:an? (?:\w+ )?(?:ai|a\.i\.|language model|llm|chat ?bot|bot|assistant)|as an ai|chatgpt|gpt-?\d?|openai|the (?:model|ai|llm)|this (?:ai|model|bot|simulation)|eine ki|une ia|una ia|uma ia)\b",
    "machine_named": r"\b(?:note to|message for|attention|dear|hey|instructions? for) (?:the |all |any )?(?:ai|assistant|model|chat ?bots?|language models?|llms?)\b|\b(?:ai|assistant|llm|language model)s? ?(?:instructions?|directives?|note)?\s*:",
    "reply": r"\b(?:your|the|each|every|all|this)(?: next| final)? (?:answers?|repl(?:y|ies)|responses?|outputs?|summary|sentence|explanation|elucidation|solution|implementation|codebase|completion)\b|\b(?:deine|ihre) antwort\w*"
    r"|\b(?:ta|votre) réponse|\b(?:tu|su) respuesta|\b(?:la tua|sua) risposta|\b(?:a )?(?:sua|tua) resposta|\bje antwoord|你的回答|答案",
    "reshape": r"\b(?:backwards?|in reverse\w*|reversed?|base[ -]?\d{2}|rot-?13|morse|hexadecimal|hex|binary|pig latin|caesar|cipher|leet\w*|ascii|encod\w+|emojis?|klingon|every word reversed|shuffled|in capital letters|upper case"
    r"|rückwärts|großbuchstaben|à l'envers|majuscules|al revés|倒)\b|\b(?:translat|convert|render|rewrit|chang|modif|alter|adjust|enhanc|rework|expand)\w*\b",
    "slip_in": r"\b(?:mention|praise|promot\w*|advertis\w*|highlight\w*|include|insert|add|append|attach|bring up|work in|recommend\w*|subscribe\w*|refer to|link to|end|begin|start|finish|close)\b",
    "brand": r"\b(?:brand [a-z]|sponsor\w*|newsletter|special offers?|advert\w*|promo\w*|competitor|casino|investment|this product|our partner|our shop|episode|the summer sale)\b",
    "only": r"\b(?:(?:only|always|just|exactly|forever|never) (?:answer|reply|respond|say|write|with|break|mention)|(?:answer|reply|respond|say|write|repeat)s? (?:only|exactly|forever|with)|nothing else|no matter what|whatever (?:is asked|follows|i ask|happens)|confirm (?:by|with)|acknowledge)\b",
    "code": r"```|\b(?:code (?:snippet|block|section|excerpt|below)|piece of code|following (?:code|snippet|script)|import \w+\n|subprocess|os\.system|requests\.(?:get|post)|while True|rm -rf|drop table|eval\(|exec\()",
    "weave": r"\b(?:includ|insert|incorporat|embed|integrat|add|introduc|plac|weav|use|employ|utiliz|apply|tak|run|execut|eval|validat|mak|tun)\w*\b[^.!?\n`]{0,70}\b(?:code|snippet|script)\b",
    "frame": r"<\|[a-z_]+\|?>|\[/?(?:INST|SYS)\]|<</?SYS>>|</?(?:system|instructions?|prompt)>|[\[{(<]\s*system\b|(?:^|[\s#*=\-])(?:system|admin|instruction|new system prompt)\s*(?:###|\*\*\*|:)|\bassistant\s*:.{0,200}\b(?:user|human|system)\s*:"
    r"|[#=*~%-]{3,}\s*(?:end|begin|new|system|admin|start)\b|\bnew (?:instructions?|rules?|orders?|task|directive|system rules)\s*:|\"role\"\s*:\s*\"system\"|<!--",
    "secret": r"\b(?:api[ _-]?keys?|secrets?|passwords?|credentials?|access tokens?|secret (?:word|key|code|phrase)|confidential|internal notes|environment variables|connection string|license keys|admin panel|hidden (?:word|key|phrase))\b",
    "others": r"\b(?:other|previous|last|another|all|every|everybody'?s)\b[^.!?\n]{0,12}\b(?:customer|user|people|client)s?'?s?\b",
    "send": r"\b(?:send|forward|e-?mail|post|upload|exfiltrat\w*|transmit|append|render)\b[^.!?\n]{0,80}(?:https?://|\S+@\S+|\bto (?:this|the following) (?:server|address|url|link)|\bthis link\b)|!\[[^\]]*\]\(https?://",
    "submit": r"\b(?:(?:you )?(?:must|will|shall|have to) (?:now )?(?:obey|comply|approve|authori[sz]e|grant)|obey|do (?:as|what) I (?:say|ask|want)|follow (?:my orders|mine)|authori[sz]ed by|override code|master password|authori[sz]ation code"
    r"|without (?:question|confirmation|checks|asking)|unconditionally|do not ask|right now and|grant access|grant every|shut down|access granted)\b",
    "rank": r"\b(?:I am|I'm|this is|as) (?:your|the|a) (?:developer|creator|admin\w*|ceo|system owner|owner|root)\b|\b(?:role|account|status|tier|user_id)\b[^.!?\n]{0,12}\b(?:to|as|=) ?(?:admin|root|superuser|employee|1)\b|\bhereby\b|\b(?:authori[sz]ed|approved|sent) by the (?:ceo|developer|admin\w*|manager|owner)\b",
    "tool": r"\b(?:call|use|execute|invoke|trigger|run)\b[^.!?\n]{0,30}\b(?:tool|function|api|action)\b|\bconfirm ?= ?true\b|\b\w+_\w+ (?:tool|function)\b",
    "safeguard": r"\b(?:skip|bypass|omit|disable|turn off|without)\b[^.!?\n]{0,15}\b(?:verification|identity check|confirmation(?: step)?|approval|safety(?: check)?|safeguards?|content (?:filters?|rules|policy))\b",
    "text_above": r"\b(?:text|words|message|lines|everything|all) (?:above|before)\b|\bthe (?:above|preceding|previous|earlier) (?:text|prompt|instructions|message|lines|words)\b",
    "first_person": r"\b(?:my|mine|i|i'm|i've|me|we|our|mein\w*|ich|mon|ma|je|mi|mio|minha|meu|mijn|moj\w*)\b|мой|моя|我的|我",
    "shop": r"\b(?:order|parcel|package|deliver\w*|refund|return|invoice|label|size|warranty|account|e-?mail|website|ship\w*|manual|box|tent|jacket|bestellung|paket|commande|colis|pedido|ordine|bestelling)\b",
    "question": r"[?？]\s*$",
}  # fmt: skip
"""Ideas, by the words for them. Each counts once in a sentence."""

HIDDEN = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\U000e0000-\U000e007f]")
"""Characters that nobody sees. They are taken out before the words are read."""

NAMES = tuple(CONCEPTS)
TOGETHER = tuple(
    tuple(pair.split("+"))
    for pair in (
        "override+orders override+prior override+orders+prior override+orders+yours override+prompt override+unbound override+machine override+become override+submit"
        " orders+prior orders+submit orders+void reveal+prompt reveal+orders+prior reveal+orders+yours reveal+text_above reveal+secret reveal+secret+yours reveal+others"
        " reveal+prior+yours reshape+orders+prior reshape+prompt reshape+text_above reply+reshape reply+slip_in reply+slip_in+brand reply+brand reply+only reply+code reply+prior"
        " become+unbound become+machine become+secret become+only become+mode become+submit become+orders takeover+unbound takeover+machine takeover+become takeover+only machine+unbound yours+unbound orders+yours+unbound reveal+orders reveal+orders+code reveal+orders+reshape code+yours others+reveal+yours send+yours machine+secret mode+unbound only+unbound"
        " weave+code weave+reply slip_in+code frame+unbound frame+submit frame+orders frame+reveal frame+machine secret+yours send+prompt send+others send+secret send+prior"
        " submit+rank rank+override rank+unbound rank+reveal tool+submit tool+safeguard safeguard+submit safeguard+rank submit+unbound machine_named+reveal machine_named+slip_in"
        " machine_named+override machine_named+only others+send only+slip_in question+prompt question+orders+prior"
    ).split()
    if "void" not in pair
)
"""Ideas that say something together."""

SPREADS = ("code", "unbound", "secret", "machine", "become", "frame", "submit", "text_above", "brand")
"""Ideas that hold for the sentence beside them too; the others have to stand in one sentence."""

SPREADING = [NAMES.index(name) for name in SPREADS]

ALONE = ("takeover", "frame", "machine_named", "submit", "rank", "safeguard", "prompt", "text_above", "mode")
"""Ideas that say something by themselves. The others count together alone: “your”, “instructions” and “show” are everybody's words."""

CALMING = ("shop", "question")
"""Ideas that speak against an attack; every other may only speak for one."""

MEMBERS = np.array([[name in group for group in TOGETHER] for name in NAMES], np.float32)
"""Which ideas belong to which group. Shape (ideas, groups)."""

SIZES = MEMBERS.sum(axis=0)
FEATURES = len(NAMES) + len(TOGETHER)
Matrix = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Heads:
    """The weights: of the words, and of the embedding by kind of text, shape (kinds, 384), the first `attacks` of which are attacks."""

    words: Matrix
    words_bias: float
    kinds: Matrix
    kinds_bias: Matrix
    attacks: int


def score(text: str, vector: Vector | None = None, heads: Heads | None = None) -> float:
    """Between 0 and 1; from 0.5 on the text is taken for an attack. `vector`: the shipped model's embedding of the whole text."""
    shown = HIDDEN.sub("", text[:READ_CHARS]).replace("’", "'")
    windows = look(shown)
    heads = heads or _heads()
    alone = windows @ heads.words + heads.words_bias
    best = float(alone.max())
    if vector is not None and len(shown) <= SEEN_CHARS:
        likely = np.exp(np.clip(heads.kinds @ vector + heads.kinds_bias, -30, 30))
        best = max(best, math.log(float(likely[: heads.attacks].sum() / likely[heads.attacks :].sum())))
    return round(1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, best)))), 4)


def look(text: str) -> Matrix:
    """Which ideas, alone and together, stand in each sentence. Shape (sentences, FEATURES)."""
    text = text.lower()
    ends = [match.end() for match in END.finditer(text)]
    ends = [*ends, len(text)] if not ends or ends[-1] < len(text) else ends
    seen = np.zeros((len(ends), len(NAMES)), np.float32)
    for column, pattern in enumerate(_patterns()):
        for match in pattern.finditer(text):
            seen[min(bisect_right(ends, match.start()), len(ends) - 1), column] = 1.0
    if len(ends) > 1:
        beside = seen[:, SPREADING]
        seen[1:, SPREADING] = np.maximum(seen[1:, SPREADING], beside[:-1])
        seen[:-1, SPREADING] = np.maximum(seen[:-1, SPREADING], beside[1:])
    return np.concatenate((seen, seen @ MEMBERS == SIZES), axis=1, dtype=np.float32)


@cache
def _patterns() -> tuple[re.Pattern[str], ...]:
    """In lower case as the text they read, which takes half the time of a search that ignores case."""
    return tuple(re.compile(CAPITAL.sub(lambda found: found[0].lower(), p)) for p in CONCEPTS.values())


@cache
def _heads() -> Heads:
    stored = json.loads(WEIGHTS.read_text())
    return Heads(
        np.array(stored["words"], np.float32),
        stored["words_bias"],
        np.array(stored["kinds"], np.float32),
        np.array(stored["kinds_bias"], np.float32),
        stored["attacks"],
    )
