from tahdhib.records import Document
from tahdhib.text.edits import apply
from tahdhib.text.segment import words
from tahdhib.workers.copy import CopyWorker
from tahdhib.workers.random import RandomWorker

TEXT = "هذا نص عربي فيه كلمات كثيرة، و 2,350 رقما.\nوسطر ثان.\n" * 50
DOCUMENTS = [Document(str(number), TEXT) for number in range(20)]


def test_copy_changes_nothing() -> None:
    assert all(not r.edits and r.text == TEXT for r in CopyWorker().rewrite(DOCUMENTS))


def test_random_deletes_its_share_of_words() -> None:
    results = RandomWorker(0.1, 17).rewrite(DOCUMENTS)
    total = len(words(TEXT)) * len(DOCUMENTS)
    assert 0.08 < sum(len(result.edits) for result in results) / total < 0.12
    assert all(apply(TEXT, result.edits) == result.text for result in results)
    assert all(result.text.count("\n") == TEXT.count("\n") for result in results)


def test_random_depends_on_seed_and_id_alone() -> None:
    worker = RandomWorker(0.1, 17)
    together = worker.rewrite(DOCUMENTS)
    alone = [worker.rewrite([document])[0] for document in reversed(DOCUMENTS)]
    assert together == alone[::-1]
    assert together[0] != together[1]
    assert RandomWorker(0.1, 18).rewrite(DOCUMENTS) != together
    assert RandomWorker(0.1, 18).hash != worker.hash


def test_rates_at_the_ends() -> None:
    assert RandomWorker(0.0, 1).rewrite(DOCUMENTS)[0].edits == ()
    assert not words(RandomWorker(1.0, 1).rewrite(DOCUMENTS)[0].text)
