"""What a model is told of a conduct, and a document handed over as data.

A document stands between tags whose names carry a hash of the conduct, of the document itself and
of all that is shown around it: nobody who writes a text can put the tags of that very text into it,
nor those of one passage into the passages beside it.
"""

import hashlib
import re
from collections.abc import Mapping

from tahdhib.conduct.conduct import Conduct

ARABIC = re.compile(r"[\u0621-\u064A\u066E-\u06D3\u06FA-\u06FC\u0750-\u077F]")
LATIN = re.compile(r"[A-Za-z\u00C0-\u024F]")

AROUND = {
    "en": {
        "before": "Before it stands, for you to understand it by and not to be rewritten:",
        "after": "After it stands, likewise not to be rewritten:",
    },
    "ar": {
        "before": "يسبقها ما يلي، لتفهم سياقها لا لتعيد صياغته:",
        "after": "ويليها ما يلي، وهو كذلك ليس مما تعيد صياغته:",
    },
}

HANDOVER = {
    "en": "The document stands between <{tag}> and </{tag}>:",
    "ar": "الوثيقة بين الوسمين <{tag}> و</{tag}>:",
}


def language_of(text: str) -> str:
    """The language in which the conduct is put to the model: by the script of the document."""
    return "ar" if len(ARABIC.findall(text)) > len(LATIN.findall(text)) else "en"


def user_prompt(
    text: str, conduct: Conduct, language: str, *, before: str = "", after: str = ""
) -> str:
    """The document between its own tags; one newline inside each tag belongs to the tag.

    `before` and `after` are what stands around a passage of a longer document: shown between tags
    of their own ahead of it, so that the passage is what the prompt ends with.
    """
    around = "".join(
        f"{AROUND[language][side]}\n{_tagged(side, shown, conduct)}\n\n"
        for side, shown in (("before", before), ("after", after))
        if shown
    )
    handover = HANDOVER[language].format(tag=_tag("document", text, conduct, around))
    return f"{around}{handover}\n{_tagged('document', text, conduct, around)}"


def document_tag(text: str, conduct: Conduct) -> str:
    """The name of the tags around a document that is handed over whole."""
    return _tag("document", text, conduct)


def _tagged(kind: str, text: str, conduct: Conduct, around: str = "") -> str:
    tag = _tag(kind, text, conduct, around)
    return f"<{tag}>\n{text}\n</{tag}>"


def _tag(kind: str, text: str, conduct: Conduct, around: str = "") -> str:
    content = f"{conduct.hash}\0{around}{text}".encode()
    return f"{kind}-{hashlib.blake2b(content, digest_size=12).hexdigest()}"


def worded(wording: Mapping[str, str], language: str) -> str:
    """The wording in `language`, else in the first that the conduct has."""
    text = wording.get(language) or next(iter(wording.values()))
    return " ".join(text.split())
