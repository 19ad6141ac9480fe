"""Insults, where a word is one only because of whom it is said to.

كلب is first of all an animal, so a term that needs a frame counts only after يا or ايها, after a
pronoun that it is the predicate of, or after ابن ال. A short quotation is left alone: a title
(«تزوجني يا غبي»), or somebody's words on which the text reports.
"""

from collections.abc import Iterator

from tahdhib.conduct.rules.change import Change
from tahdhib.conduct.rules.phrases import deletion, ends_clause
from tahdhib.conduct.terms import Term, Word, by_first_word, is_suspect, words

_VOCATIVES = {"يا", "ي", "ايها", "ايتها", "يها"}
_PRONOUNS = {
    "انت", "انتي", "انتا", "انتو", "انتم", "انتوا", "انتن", "انته",
    "وانت", "وانتي", "فانت", "لانك", "انك",
}  # fmt: skip
_LINEAGE = {"ابن", "بنت", "ولد", "ولاد", "اولاد", "عيال", "بنات", "ابناء"}
_LINEAGE_CALLS = {"يابن", "يبن", "ياابن", "يابنت", "يبنت", "ياولد", "ياولاد", "ياولادا", "ياعيال"}
_DEGREE = {"واحد", "شخص", "انسان", "مجرد", "فعلا", "حقا", "اكبر", "شويه", "اكيد"}
_YOU = {"you", "your", "ur", "u"}
_ARE = {"are", "re", "a", "an", "such", "so", "just", "really", "fucking"}
_ADJECTIVES = {"stupid", "dumb", "retarded", "pathetic"}
_NO_OWNER = {"الي", "اللي", "الذي", "التي", "الذين", "الان", "اليوم", "الحين", "الله", "الا", "الى"}
_NEUTRAL = {"ابن": "الشخص", "ولد": "الشخص", "بنت": "البنت", "بنات": "البنات"}
_QUOTES = {"«": "»", "“": "”", "‹": "›", "‘": "’"}
_LONGEST_QUOTE = 60
_FAR = 2000
_KINDS = ("insult",)


def find(text: str) -> Iterator[Change]:
    """Yield the removal of each insult, with the words that frame it."""
    if not is_suspect(text):
        return
    found = words(text)
    reach = -1
    for position, word in enumerate(found):
        if word.start < reach:
            continue
        for term in by_first_word().get(word.key, ()):
            change = _change(text, found, position, term)
            if change:
                yield change
                reach = change.end
                break


def _change(text: str, found: list[Word], position: int, term: Term) -> Change | None:
    last = position + len(term.key) - 1
    if term.frame == "none":
        if term.kind not in _KINDS or not matches(found, position, term):
            return None
        first = position
        if first and found[first - 1].folded in _VOCATIVES and _adjoin(text, found, first - 1):
            first -= 1
        return unless_quoted(text, deletion(text, found[first].start, found[last].end))
    if len(term.key) > 1:
        return None
    if term.language == "en":
        return _english(text, found, position)
    return _address(text, found, position) or _lineage(text, found, position, term)


def matches(found: list[Word], position: int, term: Term) -> bool:
    """Whether the words from `position` on are the term's."""
    following = found[position + 1 : position + len(term.key)]
    return len(following) == len(term.key) - 1 and all(
        word.folded == key for word, key in zip(following, term.key[1:], strict=True)
    )


def _address(text: str, found: list[Word], position: int) -> Change | None:
    """يا غبي, ياكلب, ايها الحقير, انت وسخ."""
    word = found[position]
    end = _run_of_abuse(text, found, position)
    before = found[position - 1] if position else None
    near = before is not None and _adjoin(text, found, position - 1)
    if _is_owned(text, found, position):
        return None
    if word.prefix in ("يا", "ويا"):
        return unless_quoted(text, deletion(text, word.start, end))
    if before is None or not near:
        return None
    if before.folded in _VOCATIVES and word.prefix in ("", "ال"):
        if before.folded in ("ي", "يا") and word.prefix == "ال":
            return None
        return unless_quoted(text, deletion(text, before.start, end))
    if word.prefix:
        return None
    opener = position - 1
    if before.folded in _DEGREE and opener and _adjoin(text, found, opener - 1):
        opener -= 1
    if found[opener].folded in _PRONOUNS - {"انك", "لانك"} and ends_clause(text, end):
        return unless_quoted(text, deletion(text, found[opener].start, end))
    return None


def _is_owned(text: str, found: list[Word], position: int) -> bool:
    """Whether a definite noun follows: يا كلب الست calls a lady's dog."""
    if position + 1 >= len(found) or not _adjoin(text, found, position):
        return False
    following = found[position + 1]
    is_definite = following.prefix == "" and following.key.startswith("ال")
    return is_definite and following.key not in _NO_OWNER


def _lineage(text: str, found: list[Word], position: int, term: Term) -> Change | None:
    """يا ابن الكلب goes; ابن الكلب alone may be a subject, so a neutral noun takes its place."""
    word = found[position]
    if term.frame != "lineage" or not position or not _adjoin(text, found, position - 1):
        return None
    noun = found[position - 1]
    if noun.folded in _LINEAGE_CALLS and word.prefix in ("", "ال"):
        return unless_quoted(text, deletion(text, noun.start, word.end))
    if noun.folded not in _LINEAGE:
        return None
    if position > 1 and found[position - 2].folded in _VOCATIVES and word.prefix in ("", "ال"):
        return unless_quoted(text, deletion(text, found[position - 2].start, word.end))
    if word.prefix != "ال":
        return None  # بنت جحش and ابن كلب are names
    neutral = Change(noun.start, word.end, _NEUTRAL.get(noun.folded, "الناس"))
    return unless_quoted(text, neutral)


def _english(text: str, found: list[Word], position: int) -> Change | None:
    """You idiot; you are so stupid: where a clause goes on after it, "you" stays."""
    end = _run_of_abuse(text, found, position)
    first = position - 1
    while first >= 0 and found[first].folded in _ARE and _adjoin(text, found, first):
        first -= 1
    if first < 0 or found[first].folded not in _YOU or not _adjoin(text, found, first):
        return None
    is_predicate = first < position - 1
    if ends_clause(text, end) and found[first].folded in ("you", "u"):
        return unless_quoted(text, deletion(text, found[first].start, end))
    if is_predicate or end != found[position].end or found[position].key in _ADJECTIVES:
        return None  # "your stupid phone" insults nobody
    return unless_quoted(text, deletion(text, found[position].start, end))


def _run_of_abuse(text: str, found: list[Word], position: int) -> int:
    """End of the terms that follow each other from here: يا كلب يا حمار, يا حقير وسافل."""
    end = found[position].end
    index = position + 1
    while index < len(found) and not text[end : found[index].start].strip(" \t\xa0"):
        step = index + 1 if found[index].folded in _VOCATIVES and index + 1 < len(found) else index
        word = found[step]
        terms = by_first_word().get(word.key, ())
        if not any(len(term.key) == 1 and term.frame != "none" for term in terms):
            break
        if word.prefix not in ("", "و", "يا", "ويا"):
            break
        end, index = word.end, step + 1
    return end


def _adjoin(text: str, found: list[Word], position: int) -> bool:
    """Whether only blanks part the word at `position` from the next one."""
    between = text[found[position].end : found[position + 1].start]
    return len(between) <= 3 and not between.strip(" \t\xa0")


def unless_quoted(text: str, change: Change) -> Change | None:
    """None where the change lies in a short quotation."""
    low = max(0, change.start - _LONGEST_QUOTE)
    low = max(low, text.rfind("\n", low, change.start) + 1)
    head, tail = text[low : change.start + 1], text[change.end - 1 : change.end + _LONGEST_QUOTE]
    tail = tail.partition("\n")[0]
    for opening, closing in _QUOTES.items():
        if head.rfind(opening) > head.rfind(closing) and closing in tail:
            return None
    line = max(
        text.rfind("\n", max(0, change.start - _FAR), change.start) + 1, change.start - _FAR, 0
    )
    if '"' in tail and text.count('"', line, change.start + 1) % 2 and '"' in head:
        return None
    return change
