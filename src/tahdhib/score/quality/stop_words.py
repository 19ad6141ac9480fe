"""Words that hardly any running text of a language is without.

English: the eight of Gopher (arXiv 2112.11446, A1.1). Arabic: function words of the standard
language and of the dialects, chosen by how many documents hold them; spellings of one word count
once. A list of keywords, prices or names holds few of either.
"""

from collections.abc import Collection, Mapping

from tahdhib.score.quality.words import OPTIONAL_SIGNS

ARABIC = (
    "من", "في", "على علي", "إلى الى الي", "عن", "مع", "أن ان إن", "ما", "لا", "هو", "هي", "هذا",
    "هذه", "ذلك", "التي اللتي", "الذي", "كان", "كانت", "قد", "كل", "بين", "بعد", "قبل", "أو او",
    "يا", "أنا انا", "اللي", "ده دا", "دي", "مش", "بس", "كده كدا", "انت أنت", "لو", "ولا", "ولم",
    "لم", "لن", "حتى حتي", "إذا اذا", "كما", "غير", "و", "وهو", "وفي", "ومن", "أي اي", "ليه", "بعض",
)  # fmt: skip
ENGLISH = ("the", "be", "to", "of", "and", "that", "have", "with")

STOP_WORDS: Mapping[str, Mapping[str, int]] = {
    code: {spelling: number for number, word in enumerate(words) for spelling in word.split()}
    for code, words in (("ar", ARABIC), ("en", ENGLISH))
}
"""Spelling -> number of its word, by language."""


def count_stop_words(words: Collection[str], language: str) -> int | None:
    """How many different stop words of `language` are among `words`; None without a list of it."""
    known = STOP_WORDS.get(language)
    if known is None:
        return None
    seen = set(words)
    if language != "ar":
        seen = {word.lower() for word in seen}
    else:
        seen = set(OPTIONAL_SIGNS.sub("", " ".join(seen)).split(" "))
    return len({known[word] for word in seen & known.keys()})
