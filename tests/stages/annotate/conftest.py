import pytest

from tahdhib.conduct.conduct import Conduct, Rule


def _rule(identity: str, action: str, english: str, arabic: str, matcher: str | None) -> Rule:
    wording = {"en": english, "ar": arabic}
    return Rule(identity, "format", action, 1, wording, matcher)  # type: ignore[arg-type]


@pytest.fixture
def conduct() -> Conduct:
    return Conduct(
        name="small",
        version="1",
        languages=("ar", "en"),
        principles={
            "format": {"en": "Text is clean.", "ar": "النص نظيف."},
            "keep": {"en": "Knowledge is kept."},
        },
        rules=(
            _rule("tatweel", "fix", "No stretched\n words.", "لا كلمات ممطوطة.", "tatweel"),
            _rule("quotes", "keep", "Quotations stay.", "تبقى الاقتباسات.", None),
            _rule("spam", "drop", "Nothing but spam.", "رسائل مزعجة فقط.", None),
        ),
        hash="c0ffee",
    )
