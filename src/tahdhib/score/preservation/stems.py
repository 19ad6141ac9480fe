"""Words without their clitics and endings, so that forms of one word meet; and words that say
little by themselves.

Light stemming after Larkey et al. 2002 (light10) with the pronouns and the future sign added:
cheap, and wrong in ways that do not matter where two texts are compared with each other.
"""

import re
from functools import lru_cache

from tahdhib.conduct.terms import by_first_word, key_of

_FRONT = re.compile(r"(?:[وف]?(?:[بك]ال|ال|لل)|[وف](?=\w{4})|[بلك](?=\w{4}))")
_BACK = re.compile(r"(?:هما|كما|تما|ها|هم|هن|كم|كن|نا|ات|ون|ين|ان|وا|يه|ته|تي|تك|ه|ي|ك|ا)$")
_ENGLISH = re.compile(r"(?:'s|'ll|'re|'ve|'d|'m|ies|ied|ing|edly|ed|es|ly|s|e|y)$")
_LEAST = 3

_STOP_WORDS = (
    "من في علي الي عن مع ان انه انها انهم انك اني هذا هذه ذلك تلك هو هي هم هن انا انت انتم نحن "
    "الذي التي الذين اللي ما لا لم لن قد كان كانت كانوا يكون تكون كل بعض اي او ام ثم بل لكن "
    "ولكن حتي اذا اذ لو عند عندما بين قبل بعد كما حيث لان له لها لهم لك لي لنا به بها بهم فيه "
    "فيها منه منها منهم عنه عنها عليه عليها عليهم اليه اليها وهو وهي ايضا فقط غير هناك هنا يا "
    "دا ده دي دول ايه ليه اللى بس مش مو كده كذا زي الا انما وان فان بان وقد وكان ولا وما فلا "
    "the a an and or but if of to in on at by for with from as is are was were be been being am "
    "it its it's this that these those i you he she we they me him her us them my your his our "
    "their mine yours who whom which what when where why how there here so than then too very "
    "just do does did done have has had having will would can could should may might must not "
    "no nor only own same such into about over under again up down out off all any both each "
    "more most other some i'm you're he's she's they're we're i've don't can't isn't didn't "
    "doesn't won't that's there's n't s t re ve ll m d"
)
STOP_WORDS = frozenset(_STOP_WORDS.split())
"""Words that stand in every text; words of negation are `negation`'s."""


@lru_cache(maxsize=1 << 16)
def stem(word: str) -> str:
    """The stem of a word in plain spelling, never shorter than three letters unless it is."""
    if len(word) <= _LEAST:
        return word
    if word.isascii():
        cut = _ENGLISH.sub("", word)
        if len(cut) < _LEAST:
            return word
        return cut[:-1] if len(cut) > _LEAST and cut[-1] == cut[-2] else cut
    front = _FRONT.match(word)
    if front and len(word) - front.end() >= _LEAST:
        word = word[front.end() :]
    back = _BACK.search(word)
    if back and back.start() >= _LEAST:
        word = word[: back.start()]
        back = _BACK.search(word)
        if back and back.start() >= _LEAST and len(back.group()) > 1:
            word = word[: back.start()]
    return word


def is_content(word: str) -> bool:
    """Whether a word in plain spelling says something by itself."""
    return word not in STOP_WORDS and (len(word) > 1 or word.isdecimal())


@lru_cache(maxsize=1 << 16)
def is_abuse(word: str) -> bool:
    """Whether a word is by itself a term of the lexicon, wherever it stands."""
    found = key_of(word)
    terms = by_first_word().get(found[1], ()) if found else ()
    return any(len(term.key) == 1 and term.frame == "none" for term in terms)
