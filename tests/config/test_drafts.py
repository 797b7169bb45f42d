"""An endpoint that is being typed is checked as the file is."""

import pytest

from cccc_tui.config.drafts import endpoint_problems

SOUND = {"name": "main", "url": "https://api.example.com"}


def test_a_sound_endpoint_has_no_problem():
    assert endpoint_problems(SOUND) == ()


@pytest.mark.parametrize(
    ("changed", "key", "words"),
    [
        ({"name": " "}, "name", "needs a name"),
        ({"name": "other"}, "name", "is taken"),
        ({"url": "api.example.com"}, "url", "has no scheme"),
        ({"url": "http://127.0.0.1:9001"}, "url", "in a circle"),
        ({"priority": "high"}, "priority", "must be a whole number"),
        ({"url_openai": "https://b.example"}, "url_openai", "not both"),
        ({"model_rewrite": {"enabled": True}}, "model_rewrite.rules", "is empty"),
    ],
)
def test_a_problem_names_the_key_as_the_endpoint_has_it(changed, key, words):
    (problem,) = endpoint_problems({**SOUND, **changed}, other_names=("other",), port=9001)
    assert (problem.key, problem.line, problem.file) == (key, 0, "")
    assert words in problem.message


def test_the_nearest_sound_text_is_named():
    (problem,) = endpoint_problems({**SOUND, "url": "api.example.com"})
    assert problem.did_you_mean == "https://api.example.com"
