"""What two conducts say differently."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from tahdhib.conduct.compare import compare, word_pieces
from tahdhib.conduct.conduct import Conduct


def test_equal_conducts_do_not_differ(conduct: Conduct) -> None:
    found = compare(conduct, replace(conduct, hash="another"))
    assert (found.rules, found.principles, found.is_reordered) == ((), (), False)
    assert found.in_words() == "nothing that is told or done"


def test_every_kind_of_difference_is_said(conduct: Conduct) -> None:
    tatweel, quotes, spam = conduct.rules
    new = replace(
        conduct,
        principles={**conduct.principles, "keep": {"en": "All knowledge is kept."}},
        rules=(
            replace(quotes, provenance="us"),
            replace(tatweel, wording={**tatweel.wording, "en": "No words."}, severity=3),
            replace(spam, id="adverts"),
        ),
    )
    found = compare(conduct, new)
    assert [(one.id, one.kind) for one in found.rules] == [
        ("quotes", "changed"),
        ("tatweel", "changed"),
        ("adverts", "added"),
        ("spam", "removed"),
    ]
    assert found.is_reordered
    assert found.in_words() == (
        "principle keep reworded (en); rule quotes provenance changed, nothing that is told; "
        "rule tatweel reworded (en), severity 1 → 3; rule adverts added; rule spam removed; "
        "rules in another order"
    )
    (reworded,) = found.rules[1].reworded
    assert ("old", "stretched\n ") in reworded.pieces


@given(st.text(max_size=60), st.text(max_size=60))
def test_pieces_rebuild_both_texts(old: str, new: str) -> None:
    pieces = word_pieces(old, new)
    assert "".join(words for kind, words in pieces if kind != "new") == old
    assert "".join(words for kind, words in pieces if kind != "old") == new
