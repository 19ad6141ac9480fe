"""Slurs and obscenity: words that are abuse wherever they stand.

The lexicon says what takes their place; with nothing there, the word goes with the vocative,
kinship word or quantity (يا, ابن, شوية) that only leads to it.
"""

import re
from collections.abc import Iterator

from tahdhib.conduct.rules.change import Change
from tahdhib.conduct.rules.insults import matches, unless_quoted
from tahdhib.conduct.rules.phrases import deletion
from tahdhib.conduct.terms import Term, Word, by_first_word, is_suspect, words

_LEADS = {
    "يا", "ي", "ايها", "ايتها", "ابن", "بنت", "ولد", "ولاد", "اولاد", "عيال", "يابن", "يبن",
    "يابنت", "ياابن", "ياولاد", "شويه",
}  # fmt: skip
_DEFINITE = ("ال", "لل")
_WITH_OWNER = {"زبي", "زبك"}
"""Nouns that say whose they are, so have no article: بلغ السيل الزبى is a proverb."""
_PLURALS = {"شراميط", "قحاب", "منايك"}
_A_PERSON = re.compile(r"\b([Aa])n(\s+)\Z")


def find(text: str) -> Iterator[Change]:
    """Yield the neutral wording, or the removal, of each slur and obscenity."""
    if not is_suspect(text):
        return
    found = words(text)
    reach = -1
    for position, word in enumerate(found):
        if word.start < reach:
            continue
        for term in by_first_word().get(word.key, ()):
            if term.kind == "insult" or not matches(found, position, term):
                continue
            if word.key in _WITH_OWNER and word.prefix.endswith(_DEFINITE):
                continue
            if term.frame == "none" or _is_called(found, position):
                change = _change(text, found, position, term)
                is_name = term.language == "en" and _is_in_title(text, word)
                if is_name or (term.kind == "slur" and not unless_quoted(text, change)):
                    break  # the name of a film, or a slur that is quoted to be explained
                yield change
                reach = change.end
                break


def _is_in_title(text: str, word: Word) -> bool:
    """Whether an English word is capitalised where no sentence begins."""
    if not text[word.start : word.end].istitle():
        return False
    before = text[max(0, word.start - 40) : word.start].rstrip(" \t\"'“‘(")
    return bool(before) and before[-1] not in ".!?:\n…-*>"


def _is_called(found: list[Word], position: int) -> bool:
    if found[position].prefix in ("يا", "ويا"):
        return True
    before = found[position - 1].folded if position else ""
    return before in ("يا", "ايها", "ايتها", "you") and found[position].prefix in ("", "ال")


def _change(text: str, found: list[Word], position: int, term: Term) -> Change:
    word = found[position]
    end = found[position + len(term.key) - 1].end
    if term.replacement:
        return _replacement(text, word, end, term.replacement)
    first = position
    while first and found[first - 1].folded in _LEADS and _touch(text, found, first):
        first -= 1
    if first == position and word.prefix.endswith(_DEFINITE):
        return Change(word.start, end, _definite(word))
    return deletion(text, found[first].start, end)


def _definite(word: Word) -> str:
    """A neutral noun for a definite one, which may be the subject that its sentence needs."""
    plural = word.key.endswith(("ين", "ات")) or word.key in _PLURALS
    noun = "الناس" if plural else "المرأة" if word.key.endswith("ه") else "الشخص"
    if word.prefix.endswith("لل"):
        return f"{word.prefix}{noun[2:]}"
    return f"{word.prefix[:-2]}{noun}"


def _touch(text: str, found: list[Word], position: int) -> bool:
    return not text[found[position - 1].end : found[position].start].strip(" \t\xa0")


def _replacement(text: str, word: Word, end: int, neutral: str) -> Change:
    if neutral[0].isascii():
        if text[word.start].isupper():
            neutral = neutral[0].upper() + neutral[1:]
        article = _A_PERSON.search(text, max(0, word.start - 6), word.start)
        if article and neutral[0].lower() not in "aeiou":  # an asshole -> a person
            start = article.start()
            return Change(start, end, f"{article.group(1)}{article.group(2)}{neutral}")
        return Change(word.start, end, neutral)
    prefix = word.prefix if word.prefix not in ("يا", "ويا") else word.prefix + " "
    return Change(word.start, end, prefix + neutral)
