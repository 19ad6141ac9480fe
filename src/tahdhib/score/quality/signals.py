"""The quality signals of a text: plain numbers, from which a filter decides by its thresholds.

Definitions are those of Gopher (arXiv 2112.11446), C4 (arXiv 1910.10683) and FineWeb (arXiv
2406.17557), as datatrove 0.10 carries them out, with these differences:

- words are cut at white space and lose the marks at their ends (datatrove: a tokenizer of the
  language); marks and emoji by themselves are symbols, no words;
- lines that are blank are no lines, and space around a line counts nothing;
- a line is punctuated by a mark of any script, Arabic ؟ among them, also before a closing quote
  or bracket; an ellipsis does not end a sentence;
- vowel signs and tatweel add nothing to the length of a word, and hide no stop word;
- an n-gram that stands once is no repetition;
- C4's rules about lines are shares here: nothing is taken out of the text.

A signal without meaning for a text is None: shares of no words or lines, the word length of a
script without spaces, stop words of a language without a list.
"""

import re
from typing import NamedTuple

from tahdhib.score.quality.lines import lines_of
from tahdhib.score.quality.repetition import n_grams, repeats
from tahdhib.score.quality.stop_words import count_stop_words
from tahdhib.score.quality.words import OPTIONAL_SIGNS, words_of

_PARAGRAPH_END = re.compile(r"\n{2,}")


class Signals(NamedTuple):
    """The signals of one text; shares are 0..1 (n-grams that overlap may pass 1)."""

    characters: int
    """Code points of the text."""
    words: int
    mean_word_length: float | None
    """Characters per word, without vowel signs and tatweel."""
    hash_ratio: float | None
    """# per chunk between white space."""
    ellipsis_ratio: float | None
    """Ellipses per chunk between white space."""
    bullet_lines: float | None
    """Share of the lines that start with a bullet."""
    ellipsis_lines: float | None
    """Share of the lines that end with an ellipsis."""
    alphabetic_words: float | None
    """Share of the chunks between white space with a letter in them."""
    stop_words: int | None
    """Different stop words of the text's language."""
    terminal_lines: float | None
    """Share of the lines that C4 would keep: ended by a mark, of three words or more, without
    JavaScript and policies."""
    sentences: int
    """Sentences in those lines."""
    curly_brackets: int
    """{ and }."""
    lorem_ipsum: int
    """Occurrences of "lorem ipsum"."""
    javascript_lines: float | None
    """Share of the lines that name JavaScript."""
    policy_lines: float | None
    """Share of the lines about cookies, privacy or terms of use."""
    line_punctuation: float | None
    """Share of the lines that end with a mark that ends a sentence."""
    short_lines: float | None
    """Share of the lines of 30 characters or fewer."""
    newlines_per_word: float | None
    duplicate_lines: float | None
    """Share of the lines that stood in the text before."""
    duplicate_line_characters: float | None
    """Their share of the characters."""
    duplicate_paragraphs: float | None
    """Share of the paragraphs that stood in the text before."""
    duplicate_paragraph_characters: float | None
    """Their share of the characters."""
    top_2_gram: float | None
    """Share of the characters in the commonest sequence of two words."""
    top_3_gram: float | None
    top_4_gram: float | None
    duplicate_5_grams: float | None
    """Share of the characters in sequences of five words that stood in the text before."""
    duplicate_6_grams: float | None
    duplicate_7_grams: float | None
    duplicate_8_grams: float | None
    duplicate_9_grams: float | None
    duplicate_10_grams: float | None


def measure(text: str, language: str) -> Signals:
    """Measure `text`, whose language (ISO 639 code, `und`) decides which stop words count."""
    words, chunks, alphabetic, is_unspaced = words_of(text)
    lines = lines_of(text)
    of_lines = len(lines.lines)
    repeated_lines = repeats(lines.lines)
    paragraphs = _PARAGRAPH_END.split(text.strip()) if text else []
    repeated_paragraphs = repeats(paragraphs)
    newlines = text.count("\n")
    top, duplicate = n_grams(words)
    has_length = bool(words) and not is_unspaced
    return Signals(
        characters=len(text),
        words=len(words),
        mean_word_length=_letters(words) / len(words) if has_length else None,
        hash_ratio=_share(text.count("#"), chunks),
        ellipsis_ratio=_share(text.count("...") + text.count("…"), chunks),
        bullet_lines=_share(lines.bullets, of_lines),
        ellipsis_lines=_share(lines.ellipses, of_lines),
        alphabetic_words=_share(alphabetic, chunks),
        stop_words=count_stop_words(words, language),
        terminal_lines=_share(lines.c4, of_lines),
        sentences=lines.c4_sentences,
        curly_brackets=text.count("{") + text.count("}"),
        lorem_ipsum=text.lower().count("lorem ipsum"),
        javascript_lines=_share(lines.javascript, of_lines),
        policy_lines=_share(lines.policies, of_lines),
        line_punctuation=_share(lines.punctuated, of_lines),
        short_lines=_share(lines.short, of_lines),
        newlines_per_word=_share(newlines, len(words)),
        duplicate_lines=_share(repeated_lines.parts, of_lines),
        duplicate_line_characters=_share(repeated_lines.characters, len(text) - newlines),
        duplicate_paragraphs=_share(repeated_paragraphs.parts, len(paragraphs)),
        duplicate_paragraph_characters=_share(repeated_paragraphs.characters, len(text)),
        top_2_gram=_share(top[0], len(text)),
        top_3_gram=_share(top[1], len(text)),
        top_4_gram=_share(top[2], len(text)),
        duplicate_5_grams=_share(duplicate[0], len(text)),
        duplicate_6_grams=_share(duplicate[1], len(text)),
        duplicate_7_grams=_share(duplicate[2], len(text)),
        duplicate_8_grams=_share(duplicate[3], len(text)),
        duplicate_9_grams=_share(duplicate[4], len(text)),
        duplicate_10_grams=_share(duplicate[5], len(text)),
    )


def _letters(words: list[str]) -> int:
    """Characters of the words, without signs that a spelling may leave out: vocalised text has
    no longer words."""
    joined = "".join(words)
    return len(joined) if joined.isascii() else len(OPTIONAL_SIGNS.sub("", joined))


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
