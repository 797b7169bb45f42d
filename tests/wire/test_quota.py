import pytest

from cccc_tui.wire.quota import Allowance, read_allowance

NOW = 1_700_000_000.0


@pytest.mark.parametrize(
    "headers, left, resets_in_s",
    [
        (
            {
                "anthropic-ratelimit-requests-limit": "50",
                "anthropic-ratelimit-requests-remaining": "5",
                "anthropic-ratelimit-requests-reset": "2023-11-14T22:14:20Z",
            },
            0.1,
            60.0,
        ),
        (
            {
                "anthropic-ratelimit-unified-5h-utilization": "0.75",
                "anthropic-ratelimit-unified-5h-reset": str(int(NOW) + 3600),
            },
            0.25,
            3600.0,
        ),
        (
            {
                "x-ratelimit-limit-tokens": "1000",
                "x-ratelimit-remaining-tokens": "250",
                "x-ratelimit-reset-tokens": "1m30s",
            },
            0.25,
            90.0,
        ),
        (
            {"x-codex-primary-used-percent": "90", "x-codex-primary-reset-after-seconds": "120"},
            pytest.approx(0.1),
            120.0,
        ),
        (
            {"x-codex-primary-used-percent": "40", "x-codex-primary-reset-at": str(int(NOW) + 30)},
            pytest.approx(0.6),
            30.0,
        ),
    ],
    ids=["anthropic", "anthropic-subscription", "openai", "codex", "codex-by-moment"],
)
def test_each_provider_is_understood(headers, left, resets_in_s):
    assert read_allowance(headers, NOW) == Allowance(left, resets_in_s)


def test_of_several_limits_the_scarcest_counts():
    headers = {
        "x-ratelimit-limit-requests": "100",
        "x-ratelimit-remaining-requests": "99",
        "x-ratelimit-reset-requests": "1s",
        "x-ratelimit-limit-tokens": "100",
        "x-ratelimit-remaining-tokens": "3",
        "x-ratelimit-reset-tokens": "6m",
    }
    assert read_allowance(headers, NOW) == Allowance(0.03, 360.0)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-ratelimit-remaining-requests": "7"},
        {"x-ratelimit-limit-requests": "0", "x-ratelimit-remaining-requests": "0"},
        {"x-codex-primary-used-percent": "much", "x-codex-primary-reset-after-seconds": "5"},
        {"x-codex-primary-used-percent": "50"},
    ],
)
def test_half_a_word_says_nothing(headers):
    assert read_allowance(headers, NOW) is None


def test_a_share_stays_between_nothing_and_all():
    over = {"x-codex-primary-used-percent": "130", "x-codex-primary-reset-after-seconds": "5"}
    assert read_allowance(over, NOW) == Allowance(0.0, 5.0)
