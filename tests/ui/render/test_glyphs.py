"""Two sets of symbols, both one column wide, one of them plain ASCII."""

from rich.cells import cell_len

from cccc_tui.ui.render.glyphs import ASCII, UNICODE, glyphs


def test_the_ascii_set_is_ascii():
    assert all(symbol.isascii() for symbol in ASCII)
    assert glyphs(True) is ASCII


def test_every_symbol_takes_one_column():
    assert glyphs(False) is UNICODE
    for symbols in (ASCII, UNICODE):
        assert [each for symbol in symbols for each in symbol if cell_len(each) != 1] == []


def test_states_differ_in_shape_within_a_set():
    for symbols in (ASCII, UNICODE):
        requests = [
            symbols.ok,
            symbols.refused,
            symbols.failed,
            symbols.streaming,
            symbols.waiting,
            symbols.cancelled,
        ]
        health = [
            symbols.healthy,
            symbols.untried,
            symbols.cooling,
            symbols.failed,
            symbols.trial,
            symbols.disabled,
        ]
        assert len(set(requests)) == len(requests)
        assert len(set(health)) == len(health)
