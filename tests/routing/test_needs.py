import base64

import msgspec
import pytest

from cccc_tui.routing.needs import asks_web_search, estimated_tokens, has_images

PICTURE = base64.b64encode(bytes(90_000)).decode()


@pytest.mark.parametrize(
    ("part", "found"),
    [
        ({"type": "image", "source": {}}, True),
        ({"type": "input_image", "image_url": "x"}, True),
        ({"type": "image_url", "image_url": {"url": "x"}}, True),
        ({"type": "text", "text": 'say {"type":"image"}'}, False),
        ({"type": "imagery"}, False),
    ],
)
def test_images_are_seen_in_every_format_and_not_in_what_people_write(part, found):
    assert has_images(msgspec.json.encode({"messages": [{"content": [part]}]})) is found


def test_a_size_is_guessed_by_bytes_and_a_picture_is_not_text():
    assert estimated_tokens(b"x" * 400) == 100
    assert estimated_tokens(b"word " * 2000) == 2500
    body = msgspec.json.encode({"text": "word " * 2000, "data": PICTURE})
    assert 4000 < estimated_tokens(body) < 4200


@pytest.mark.parametrize(
    ("tools", "options", "asked"),
    [
        ([{"type": "web_search_20250305", "name": "web_search"}], None, True),
        ([{"type": "web_search"}], None, True),
        ([{"type": "web_search", "external_web_access": False}], None, False),
        ([{"type": "function", "name": "web_search"}], None, False),
        (None, {}, True),
        (None, None, False),
        ("odd", None, False),
    ],
)
def test_a_search_by_the_provider_is_told_from_a_tool_of_the_agent(tools, options, asked):
    assert asks_web_search(tools, options) is asked
