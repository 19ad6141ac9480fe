from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tahdhib.score.links import domains, links


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("انظر https://www.Example.org/A/b?x=1&amp;y=2.", ["example.org/A/b?x=1&y=2"]),
        ("(http://example.org/a_(b))", ["example.org/a_(b)"]),
        ("example.com/a و www.example.com/a/", ["example.com/a", "example.com/a"]),
        ("«http://example.org»،", ["example.org"]),
        ("راسلنا على name@example.com", []),
        ("قال ثم.نظر وانتهى.", []),
        ("ftp://files.example.net/x", ["files.example.net/x"]),
        ("الموقع alriyadh.com.", ["alriyadh.com"]),
        ("", []),
    ],
)
def test_links(text: str, expected: list[str]) -> None:
    assert links(text) == Counter(expected)


def test_domains() -> None:
    assert domains("http://a.example.org:80/x http://a.example.org/y") == {"a.example.org": 2}


@given(st.text(max_size=200) | st.text(alphabet="htps:/w.com)(]&;", max_size=60))
def test_any_text_can_be_read(text: str) -> None:
    links(text)
