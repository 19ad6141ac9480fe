"""The baseline that deletes the words of the lexicon."""

from tahdhib.conduct.terms import lexicon
from tahdhib.records import Document
from tahdhib.text.edits import apply
from tahdhib.workers.lexicon import LexiconWorker

TERM = next(term.key[0] for term in lexicon() if len(term.key) == 1 and term.language == "en")


def _made(text: str) -> str:
    (rewrite,) = LexiconWorker().rewrite([Document("1", text)])
    assert apply(text, rewrite.edits) == rewrite.text
    return rewrite.text


def test_a_term_goes_with_a_space_beside_it() -> None:
    assert _made(f"one {TERM} two") == "one two"
    assert _made(f"one {TERM}") == "one"
    assert _made(f"{TERM} two {TERM}") == "two"
    assert _made(f"one {TERM} {TERM}, two") == "one, two"


def test_other_text_stays() -> None:
    assert _made("a quiet day") == "a quiet day"
