import pytest
from hypothesis import given
from hypothesis import strategies as st

from tahdhib.workers.edit.features import features_of

BUCKETS = 4096


def _read(text: str) -> frozenset[int]:
    return frozenset(features_of(text, BUCKETS).tolist())


@given(st.text(st.characters(exclude_categories=[]), max_size=40))
def test_every_text_has_features_within_the_buckets(text: str) -> None:
    features = features_of(text, BUCKETS)
    assert len(features) > 0
    assert features.min() >= 0 and features.max() < BUCKETS


@pytest.mark.parametrize(
    ("one", "other"), [("1952", "2011"), (" Cairo", " CAIRo"), ("مممممصر", "ممممممصر")]
)
def test_what_no_edit_depends_on_is_hardly_read(one: str, other: str) -> None:
    assert len(_read(one) & _read(other)) > 0.7 * len(_read(one) | _read(other))


def test_a_stretched_word_is_the_word_with_a_sign() -> None:
    plain, stretched = _read("جميل"), _read("جمـــيل")
    assert stretched != plain
    assert len(plain & stretched) > 0.7 * len(plain)


def test_the_space_before_a_word_is_read() -> None:
    assert _read(" مصر") != _read("مصر")


def test_a_unit_of_a_megabyte_is_not_read_to_its_end() -> None:
    assert _read("ب" * 1_000_000) == _read("ب" * 1_000_001)
