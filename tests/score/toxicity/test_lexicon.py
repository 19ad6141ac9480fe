from tahdhib.conduct.terms import lexicon
from tahdhib.score.toxicity.lexicon import LexiconToxicity, count_terms


def test_terms_are_counted_in_any_spelling() -> None:
    term = next(term for term in lexicon() if len(term.key) == 1 and term.language == "ar")
    word = term.key[0]
    assert count_terms(f"هذا نص عادي {word} ثم نص") == 1
    assert count_terms(f"{word} و{word} {word[0]}ـ{word[1:]}") == 3
    assert count_terms("هذا نص عادي لا شيء فيه") == 0
    assert count_terms("") == 0


def test_the_score_is_terms_per_hundred_words() -> None:
    term = next(term for term in lexicon() if len(term.key) == 1 and term.language == "en")
    scores = LexiconToxicity().score([f"one two three {term.key[0]}", "one two", ""])
    assert scores[:, 0].tolist() == [25, 0, 0]


def test_the_card_says_that_it_is_no_evidence() -> None:
    assert not LexiconToxicity().card.holds("ar")
