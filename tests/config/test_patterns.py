import logging

import pytest

from cccc_tui.config.patterns import BadPattern, Pattern


def test_a_pattern_is_found_anywhere_in_a_text():
    assert Pattern("over(load|run)").found_in("the model is overloaded")
    assert not Pattern("Overload").found_in("the model is overloaded")
    assert Pattern("Overload", ignores_case=True).found_in("the model is overloaded")


def test_a_pattern_that_would_look_for_years_gives_up_and_says_so(caplog: pytest.LogCaptureFixture):
    with caplog.at_level(logging.WARNING):
        assert not Pattern("^(.*?,){20}P").found_in(",".join(map(str, range(40))))
    assert "'^(.*?,){20}P' takes longer than 50 ms" in caplog.text


def test_what_is_no_regular_expression_is_refused_with_the_place():
    with pytest.raises(BadPattern, match=r"missing \) at position 1"):
        Pattern("(")
