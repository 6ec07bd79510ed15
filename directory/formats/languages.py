"""Names of languages, in English and as their speakers call them, to BCP 47 codes. Only those that directories name."""

from __future__ import annotations

import re

from directory.domain.listings import fold

_NAMES = """af Afrikaans;am Amharic;ar Arabic;ase American Sign Language;ase ASL;ase Sign Language;bg Bulgarian;bn Bengali;
zh Chinese;zh Mandarin;zh Chinese (Mandarin);yue Cantonese;yue Chinese (Cantonese);ht Creole;ht Haitian Creole;ht Haitian;
hr Croatian;da Danish;nl Dutch;en English;fa Farsi;fa Persian;fi Finnish;fr French;fr Français;ka Georgian;de German;
de Deutsch;el Greek;he Hebrew;hi Hindi;hmn Hmong;hu Hungarian;is Icelandic;it Italian;it Italiano;ja Japanese;km Khmer;
km Cambodian;ko Korean;lo Lao;lo Laotian;lt Lithuanian;ml Malayalam;mt Maltese;nv Navajo;ne Nepali;no Norwegian;oj Ojibwa;
pa Punjabi;pl Polish;pl Polski;pt Portuguese;pt Português;ru Russian;sk Slovak;sl Slovenian;so Somali;es Spanish;es Español;
es Castellano;sw Swahili;sv Swedish;tl Tagalog;tl Filipino;ta Tamil;th Thai;tr Turkish;uk Ukrainian;ur Urdu;vi Vietnamese;
cy Welsh;yi Yiddish;ypk Yupik"""
_CODES = {fold(name): code for code, name in (entry.strip().split(" ", 1) for entry in _NAMES.split(";"))}
_APART = re.compile(r"[,;/|&+\n]|\band\b|\by\b", re.IGNORECASE)


def language_code(name: str) -> str | None:
    """The code of a language by its name, or of a code such as "es" itself; None for what is neither."""
    return _CODES.get(fold(name)) or (name.lower() if name.lower() in _CODES.values() else None)


def language_codes(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The languages that a text such as "English, Español" names, each once, and the names that are not known."""
    found: dict[str, None] = {}
    unknown = []
    for name in filter(None, (part.strip() for part in ([text] if language_code(text) else _APART.split(text)))):
        code = language_code(name)
        if code:
            found[code] = None
        else:
            unknown.append(name)
    return tuple(found), tuple(unknown)
