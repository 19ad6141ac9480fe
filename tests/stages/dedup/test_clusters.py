from hypothesis import given
from hypothesis import strategies as st

from tahdhib.match.components import components
from tahdhib.match.shingles import Overlap
from tahdhib.stages.dedup.clusters import EXACT, NEAR, Link, decide

IDS = [f"id{number:02d}" for number in range(20)]
LINKS = st.lists(
    st.tuples(st.integers(0, 19), st.integers(0, 19), st.integers(80, 100)).map(
        lambda drawn: Link(min(drawn[:2]), max(drawn[:2]), Overlap(drawn[2], 100))
    ),
    max_size=40,
    unique_by=lambda link: link[:2],
).map(lambda links: [link for link in links if link.left != link.right])
NO_COPIES = list(range(20)), [False] * 20


@given(LINKS)
def test_exactly_the_lowest_of_each_component_stays(links):
    kept = components((link.left, link.right) for link in links)
    decided = decide(IDS, *NO_COPIES, links, known_count=0)
    expected = {number: root for number, root in kept.items() if number != root}
    assert {d.rank: d.other for d in decided.decisions} == {
        number: IDS[root] for number, root in expected.items()
    }
    assert decided.clusters == len(set(kept.values()))


@given(LINKS, st.randoms(use_true_random=False))
def test_the_order_of_links_does_not_matter(links, chance):
    shuffled = list(links)
    chance.shuffle(shuffled)
    assert decide(IDS, *NO_COPIES, shuffled, known_count=0) == decide(
        IDS, *NO_COPIES, links, known_count=0
    )


@given(LINKS)
def test_a_match_of_its_own_with_the_kept_one_is_what_is_told(links):
    kept = components((link.left, link.right) for link in links)
    direct = {link.right for link in links if kept[link.right] == link.left}
    decided = decide(IDS, *NO_COPIES, links, known_count=0)
    told = {d.rank for d in decided.decisions if "with" not in d.detail}
    assert told == direct
    assert decided.chained == len(decided.decisions) - len(direct)


def test_of_ways_equally_short_the_most_similar_match_is_told():
    links = [
        Link(0, 1, Overlap(8, 10)),
        Link(0, 2, Overlap(8, 10)),
        Link(1, 3, Overlap(81, 100)),
        Link(2, 3, Overlap(9, 10)),
    ]
    last = decide(IDS, *NO_COPIES, links, known_count=0).decisions[-1]
    assert last.detail == "jaccard=0.90 with id02, which was dropped itself"


def test_copies_go_with_their_original():
    originals = [0, 1, 1, 2, *range(4, 20)]  # 2 has the words of 1, and 3 the text of 2
    same_text = [False, False, False, True, *[False] * 16]
    decided = decide(IDS, originals, same_text, [Link(0, 1, Overlap(9, 10))], known_count=0)
    assert [(d.rank, d.reason, d.other) for d in decided.decisions] == [
        (1, NEAR, "id00"),
        (2, NEAR, "id00"),
        (3, EXACT, "id00"),
    ]
    assert decided.longest_chain == 3


def test_nearly_whole_is_not_called_whole():
    decided = decide(IDS, *NO_COPIES, [Link(0, 1, Overlap(9999, 10000))], known_count=0)
    assert decided.decisions[0].detail == "jaccard=0.99"


def test_nothing_linked_nothing_decided():
    decided = decide([], [], [], [], known_count=0)
    assert (decided.decisions, decided.clusters, decided.largest_cluster) == ((), 0, 0)
