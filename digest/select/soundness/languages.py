"""Decides in which language a text is written, from its letters and its commonest small words."""

from __future__ import annotations

import re
from collections import Counter

from digest.select.soundness.prose import without_code, words

_READ = 2_000
"""Characters at the beginning that are looked at, code aside."""
_LINE = 20
"""Letters below which a line may be a name in any language."""
_ENOUGH = 60
"""Letters below which a text says nothing about its language."""
_MOST = 0.7
"""The share of the letters that a language must have to be the text's."""
_NEXT_TO_NOTHING = 0.1

_KANA = re.compile(r"[\u3041-\u3096\u30a1-\u30fa\uff66-\uff9d]")
_SCRIPTS = (
    ("ko", re.compile(r"[\u1100-\u11ff\uac00-\ud7a3]")),
    ("zh", re.compile(r"[\u3400-\u9fff]")),
    ("Cyrillic", re.compile(r"[\u0400-\u04ff]")),
    ("el", re.compile(r"[\u0370-\u03ff]")),
    ("he", re.compile(r"[\u0590-\u05ff]")),
    ("Arabic", re.compile(r"[\u0600-\u06ff]")),
    ("Devanagari", re.compile(r"[\u0900-\u097f]")),
    ("th", re.compile(r"[\u0e00-\u0e7f]")),
    ("Latin", re.compile(r"[A-Za-z\u00c0-\u024f\u1e00-\u1eff]")),
)
_WHOLE = frozenset({"ja", "ko", "zh", "el", "he", "th"})
"""Languages that have their script to themselves."""
_WRITTEN_IN = {
    "Cyrillic": "ru uk bg sr mk be kk",
    "Arabic": "ar fa ur",
    "Devanagari": "hi mr ne",
    "Latin": "en de fr es it pt nl sv da nb nn no fi is pl cs sk sl hr hu ro et lv lt tr id ms vi ca eu",
}
_SCRIPT_OF = {language: script for script, languages in _WRITTEN_IN.items() for language in languages.split()}
_COMMONEST = {
    "en": "the and of is that with this are was have you it we not for",
    "de": "der die das und ist nicht ein eine mit von auf für den dem sich",
    "fr": "le la les et est des une dans que pour pas sur du qui avec",
    "es": "el los las y es una en que por para con del no se como",
    "it": "il gli e è una di che per con del della non sono nel più",
    "pt": "o os as e é uma em que por para com do da não mais",
    "nl": "de het een en is van niet met voor dat op zijn aan ook wordt",
}
_SMALL_WORDS = {language: frozenset(small.split()) for language, small in _COMMONEST.items()}
_COMMON = 0.12
"""The share of a text's words that are small ones of its language, at the least."""
_NAMES = {
    "ja": "Japanese", "zh": "Chinese", "ko": "Korean", "en": "English", "de": "German", "fr": "French",
    "es": "Spanish", "it": "Italian", "pt": "Portuguese", "nl": "Dutch", "ru": "Russian", "uk": "Ukrainian",
    "el": "Greek", "he": "Hebrew", "th": "Thai", "ar": "Arabic", "hi": "Hindi", "sv": "Swedish", "da": "Danish",
    "nb": "Norwegian", "no": "Norwegian", "fi": "Finnish", "pl": "Polish", "tr": "Turkish", "vi": "Vietnamese",
    "id": "Indonesian", "cs": "Czech",
}  # fmt: skip


def name_of(language: str) -> str:
    """Return the English name of a language by its BCP 47 tag, or of a script; the tag itself where none is known."""
    return _NAMES.get(_primary(language), f"{language} letters" if language in _WRITTEN_IN else f"“{language}”")


def foreign_to(text: str, language: str) -> str:
    """Return the language or script of a Markdown text that is not in `language`, a BCP 47 tag.

    Empty when the text is in it at least in part, is too short to tell, or is in several languages.
    """
    declared = _primary(language)
    heard: Counter[str] = Counter()
    latin: list[str] = []
    for line in words(without_code(text)[:_READ]).split("\n"):
        letters = sum(map(str.isalpha, line))
        if letters < _LINE:
            continue
        said = _of_line(line, letters)
        heard[said] += letters
        if said == "Latin":
            latin.append(line)
    total = heard.total()
    if total < _ENOUGH:
        return ""
    most, count = heard.most_common(1)[0]
    if count < _MOST * total or not most:
        return ""
    own = _script_of(declared)
    if most == own:
        spoken = _by_small_words(" ".join(latin)) if most == "Latin" else ""
        return spoken if spoken != declared else ""
    if not own or heard[own] > _NEXT_TO_NOTHING * total:
        return ""
    return (_by_small_words(" ".join(latin)) or most) if most == "Latin" else most


def _of_line(line: str, letters: int) -> str:
    """Return the language or else the script of a line; empty for a mixture."""
    if len(_KANA.findall(line)) >= letters * 0.1:
        return "ja"
    return next((name for name, script in _SCRIPTS if len(script.findall(line)) >= letters * 0.6), "")


def _by_small_words(text: str) -> str:
    """Return the language whose small words are by far the commonest; empty when that is none of those known here."""
    said = re.findall(r"[^\W\d_]+", text.casefold())
    if not said:
        return ""
    found = sorted(((sum(word in small for word in said), name) for name, small in _SMALL_WORDS.items()), reverse=True)
    (first, name), (second, _) = found[0], found[1]
    return name if first >= _COMMON * len(said) and first >= 1.5 * second else ""


def _script_of(language: str) -> str:
    """Return what a line in this language is taken for; empty when that is not known."""
    return language if language in _WHOLE else _SCRIPT_OF.get(language, "")


def _primary(language: str) -> str:
    return language.replace("_", "-").partition("-")[0].lower()
