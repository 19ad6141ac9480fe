"""A generating worker sees passages with placeholders; what it makes of them is put back whole."""

from collections.abc import Sequence

from tahdhib.config.recipe import Protect
from tahdhib.processes.apart import Fault
from tahdhib.protect.shelter import open_shelter
from tahdhib.records import Document, Rewrite
from tahdhib.stages.rewrite.passages import in_passages
from tahdhib.text.edits import apply, diff

SENTENCE = "زار الوفد المدينة يوم الأحد ثم عاد إلى العاصمة، والموقع https://example.org/a. "
LONG = (SENTENCE * 40).strip()
SHORT = SENTENCE.strip()
MOST = 400


class Generating:
    """Rewrites "ثم عاد"; gives no answer about a passage that holds `faulty`."""

    def __init__(self, faulty: str = "\0", loses: str = "\0") -> None:
        self.asked: list[Document] = []
        self._faulty, self._loses = faulty, loses

    def __call__(self, documents: Sequence[Document]) -> list[Rewrite | Fault]:
        self.asked += documents
        return [self._one(document.text) for document in documents]

    def _one(self, text: str) -> Rewrite | Fault:
        if self._faulty in text:
            return Fault("hung", "no answer after 1 s")
        made = text.replace("ثم عاد", "وعاد").replace(self._loses, "")
        edits = diff(text, made, "causal")
        return Rewrite(apply(text, edits), edits)


def answers(worker: Generating, *texts: str) -> list[Rewrite | Fault]:
    documents = [Document(str(place), text) for place, text in enumerate(texts)]
    return list(in_passages(worker, open_shelter(Protect()), MOST)(documents))


def test_a_long_document_is_cut_and_each_document_comes_back_once() -> None:
    worker = Generating()
    long, short = answers(worker, LONG, SHORT)
    assert isinstance(long, Rewrite) and isinstance(short, Rewrite)
    assert long.text == LONG.replace("ثم عاد", "وعاد") == apply(LONG, long.edits)
    assert short.text == SHORT.replace("ثم عاد", "وعاد")
    assert len(worker.asked) > 5
    assert max(len(one.text) for one in worker.asked) <= MOST
    assert len({one.id for one in worker.asked}) == len(worker.asked)


def test_what_is_protected_is_never_shown() -> None:
    worker = Generating()
    answers(worker, LONG)
    assert not any("example.org" in one.text for one in worker.asked)


def test_a_passage_without_an_answer_leaves_its_document_without_one_and_no_other() -> None:
    long, short = answers(Generating(faulty="نهاية"), LONG + " نهاية الخبر.", SHORT)
    assert long == Fault("hung", "no answer after 1 s")
    assert isinstance(short, Rewrite)


def test_a_lost_placeholder_is_no_answer() -> None:
    (one,) = answers(Generating(loses="⟦link-1⟧"), SHORT)
    assert isinstance(one, Fault)
    assert (one.kind, one.detail.split(":")[0]) == ("rubbish", "protected_span_lost")
