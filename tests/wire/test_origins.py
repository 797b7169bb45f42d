import pytest

from cccc_tui.wire.model import Blob
from cccc_tui.wire.origins import may_be_marked, unwrap, wrap

BLOB = Blob("encrypted", "gAAA~:b", "api.example:443", "rs_1")


def test_a_wrapped_blob_comes_back_as_it_was():
    assert unwrap(wrap(BLOB), "signature") == BLOB


@pytest.mark.parametrize("before", [b"", b"~", b"cccc~1", b"~" * 150, b"~" * 1_000, b"x" * 100_000])
def test_a_wrapping_is_found_wherever_it_stands(before):
    assert may_be_marked(before + wrap(BLOB).encode() + b'"}')
    assert not may_be_marked(before + b'no wrapping"}')


@pytest.mark.parametrize("text", ["cccc1~", "cccc1~q:p:i:d", "cccc1~e:p:i", "EqQBCg==", "a~b"])
def test_what_is_no_wrapping_is_the_native_providers_own(text):
    assert unwrap(text, "signature", "id") == Blob("signature", text, None, "id")
