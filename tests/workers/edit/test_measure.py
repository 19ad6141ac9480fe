from tahdhib.workers.edit.measure import Tally, figures, tally


def test_an_edit_is_right_when_span_and_new_text_agree() -> None:
    assert tally("a b c d", "a X c", ["a X c d"]) == Tally(right=1, made=2, wanted=1)


def test_the_nearest_of_several_references_counts() -> None:
    assert tally("a b c d", "a b c", ["x y c d", "a b c"]) == Tally(1, 1, 1)


def test_figures_sum_edits_and_leave_out_what_has_no_trials() -> None:
    both = figures([Tally(1, 2, 1), Tally(2, 2, 3)])
    assert both.precision is not None and both.precision.estimate == 3 / 4
    assert both.recall is not None and both.recall.n == 4
    assert figures([Tally(0, 0, 0)]).precision is None
