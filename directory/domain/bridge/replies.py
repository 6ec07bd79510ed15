"""What somebody means who answers by text: still waiting, call me, stop, or words that a person has to read, some of them at once.

47 CFR 64.1200(a)(10): a wish to stop counts in any reasonable way in which it is said, and the seven words named there always do. In doubt a
person reads it: no answer takes anybody off a line, and of a stop that is more than one word nothing is lost.
"""

from __future__ import annotations

import re
from datetime import timedelta

from directory.domain.listings import fold

STILL, CALL, STOP, OTHER, UNKNOWN = "still-waiting", "call-me", "stop", "other", "unknown"
KINDS = (STILL, CALL, STOP, OTHER, UNKNOWN)
"""UNKNOWN is what comes from a number that is nobody's here."""
MOST_READ = 1600
"""Characters that a text can have; what is longer was never sent by a telephone."""
ASKED_FOR = timedelta(days=3)
"""So long after a question went out a mere yes is an answer to it."""

_STILL = frozenset({"1", "one", "uno", "still waiting", "sigo esperando"})
_YES = frozenset({"yes", "y", "yep", "yeah", "ok", "okay", "si", "sigo"})
"""An answer to a question, and to nothing else."""
_CALL = frozenset(
    {"2", "two", "dos", "call", "call me", "help", "llamada", "llame", "llameme", "llamame", "llamenme", "ayuda"}
)
_POLITE = frozenset("please pls thanks por favor gracias".split())
_STOP = frozenset(
    """stop stopall quit end revoke cancel unsubscribe optout
    alto parar pare paren basta cancelar terminar salir""".split()
)
"""Words that say stop by themselves, or with what is in _OF_TEXTS."""
_OF_TEXTS = _POLITE | frozenset(
    "text texts texting message messages messaging msg msgs sending los las mensaje mensajes texto textos".split()
)
_SURE = frozenset("stop stopall unsubscribe cancel optout alto parar pare paren basta cancelar".split())
"""Words of _STOP beside which "all" or "now" still speak of messages. "End all" and "terminar todo" may speak of a life: a person reads them."""
_BESIDE_SURE = _OF_TEXTS | frozenset("all now everything ya todo todos 1 2".split())
_NOUN = r"(?:texts?|text messages?|messages?|msgs?|texting|messaging)"
_NOT = r"(?<! t )(?<!cant )(?<!dont )(?<!not )(?<!ldnt )(?<!never )(?<!wont )"
"""Before "stop": whoever cannot stop has no wish about messages."""
_PHRASES = (
    r"\bopt(?:ing|ed)? ?out\b",
    r"\bunsubscrib",
    _NOT + r"\bstop (?:texting|messaging|writing|contacting)\b(?! (?:him|her|them|people|my (?!phone|number|cell)))",
    _NOT + rf"\bstop (?:(?:all|the|these|those|this|your|any|more) )*{_NOUN}\b",
    _NOT + rf"\bstop sending(?: (?:me|us|these|those|this)\b|$|.*\b{_NOUN}\b)",
    r"\b(?:no|not any) more (?:texts?|messages?|msgs)\b",
    r"(?<!they )(?<!you )(?<!we )(?<!i )\b(?:do not|don t|dont) (?:text|message|write|contact)(?: to)?"
    r"(?: (?:me|us|again|any ?more|please|this number)\b|$)",
    r"^(?:please )?never (?:text|message|write|contact) me\b",
    r"\btake me off (?:this|the|your|these) (?:text |texts |message |messages )?(?:texts?|messages?|list)\b",
    r"^(?:please )?(?:remove|delete) me\b",
    r"^(?:please |just |ok )*leave me alone(?: please| now)?$",
    r"^(?:por favor )?(?:dejame|dejeme|dejenme) en paz(?: por favor| ya)?$",
    r"^(?:por favor )?(?:baja|borrame|borreme|borrenme|quiteme|quitenme)(?: por favor| ya| de (?:la|esta|su) lista)?$",
    r"\bno (?:quiero|deseo) (?:recibir )?(?:mas |estos |los |sus )*(?:mensajes?|textos?)\b",
    r"\bno (?:mas|recibir) (?:mas )?(?:mensajes?|textos?)\b",
    r"\bno me (?:mande|mandes|manden|envie|envies|envien|escriba|escribas|escriban) (?:mas|mensajes?|textos?)\b",
    r"\bdeje(?:n)? de (?:escribir|mandar|enviar)",
    r"\bdar(?:me)? de baja\b",
)
_SAID = re.compile("|".join(_PHRASES))
_DANGER = (
    r"suicid\w*",
    r"(?:kill|hang|hurt|hurting|cut|cutting|shoot) my ?self",
    r"(?:kill|shoot|stab) (?:me|him|her|them|us|you|some(?:one|body))",
    r"(?:want|wanna|wants|going|gonna|ready) (?:to )?die|let me die|better off dead",
    r"(?:don t|dont|do not|not) (?:want to|wanna) (?:live|be here|be alive|wake up)|no reason to live",
    r"end (?:my life|it|it all|all|now|everything)|want (?:it|this|everything|all) (?:all )?to (?:end|stop)",
    r"(?:can t|cant|cannot) (?:go on|do this any ?more|take (?:it|this) any ?more)|stop (?:the|this|my) pain",
    r"overdos\w*|od|ods|oded|od d|oding|too many pills|(?:not|isn t|stopped) breathing|(?:won t|wont|can t|cant) wake (?:up|him|her|them)",
    r"(?:hit|hits|hitting|beat|beats|beating|hurts|hurting|choked|choking|raped|attacked|threatened|threatening) (?:me|us)",
    r"rape|gun|knife|in danger|not safe|unsafe|(?:afraid|scared) of (?:him|her|them)",
    r"(?:kiero|quiero|quisiera) mori\w+|morirme|matarme|quitarme la vida|no quiero (?:vivir|seguir viviendo|estar aqui)",
    r"(?:terminar|acabar) (?:con )?(?:todo|mi vida)|no puedo mas|hacerme dano|lastimarme|cortarme",
    r"sobredosis|no respira|no despierta|(?:demasiadas|muchas) pastillas",
    r"me (?:pega|pego|pegaron|golpea|golpeo|golpearon|amenaza|amenazo|amenazaron|violo|violaron)",
    r"pistola|cuchillo|(?:en|corro) peligro|miedo (?:de|a) (?:el|ella|ellos)",
)
"""Words that are read first. They decide nothing, and whoever writes others is read on the same day too."""
_NOW = re.compile(rf"\b(?:{'|'.join(_DANGER)})\b")

_ASKS_CALL = re.compile(
    r"(?<!t )(?<!not )(?<!ever )\b(?:call|ring|phone) me\b|\b(?:can|could|will|would) (?:you|some ?one|some ?body) (?:please )?(?:call|ring|phone)\b"
    r"|\b(?:need|want) (?:you to|a) call\b|(?<!no )\b(?:llame|llama|llamen)me\b|\bpuede[ns]? llamar(?:me)?\b|\b(?:necesito|quiero) (?:que me llam\w+|una llamada)\b"
)
"""A wish to be called, said among other words."""


def read_reply(text: str, *, is_asked: bool) -> str:
    """What a text means, in whichever of our languages: STILL, CALL, STOP or OTHER. A mere yes is STILL only where they were asked lately
    (ASKED_FOR).

    Case, accents, blanks and punctuation do not matter. START and UNSTOP are OTHER: a person hears what they agree to, and the ways to reach
    them are set anew. HELP is CALL: whoever writes that is called.
    """
    words = _words(text)
    if _is_stop(words):
        return STOP
    bare = " ".join(word for word in words.split() if word not in _POLITE)
    if bare in _STILL or (is_asked and bare in _YES):
        return STILL
    return CALL if bare in _CALL else OTHER


def asks_for_call(text: str) -> bool:
    """Whether a text asks among other words to be called. A person reads it too: this alone decides how soon."""
    return bool(_ASKS_CALL.search(_words(text)))


def is_plain_stop(text: str) -> bool:
    """Whether a text is a single word that says stop; what more it says a person has to read."""
    words = _words(text)
    return words in _STOP or words == "opt out"


def is_to_read_now(text: str) -> bool:
    """Whether a text has words of suicide, an overdose or violence, so that it is read before others. Never more than that comes of it."""
    return bool(_NOW.search(_words(text)))


def _words(text: str) -> str:
    return fold(text[:MOST_READ]).replace("thank you", "thanks")


def _is_stop(words: str) -> bool:
    said = set(words.split())
    alone = said & _STOP and said <= _STOP | _OF_TEXTS
    return bool(alone or (said & _SURE and said <= _SURE | _BESIDE_SURE) or _SAID.search(words))
