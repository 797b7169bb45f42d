from __future__ import annotations

import pytest

from cccc_tui.connect.masking import masked


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ('  "ANTHROPIC_AUTH_TOKEN": "abc",', '  "ANTHROPIC_AUTH_TOKEN": "***",'),
        ("api_key = 'abc'", "api_key = '***'"),
        ('experimental_bearer_token = "abc"', 'experimental_bearer_token = "***"'),
        ('"Authorization": "Bearer abc"', '"Authorization": "***"'),
        ('args = ["--key", "sk-0123456789abcdef"]', 'args = ["--key", "***"]'),
        ('url = "https://me:pass@host/x?token=abc&y=1"', 'url = "https://***@host/x?token=***&y=1"'),
        ('"GITHUB_PERSONAL": "ghp_0123456789abcdefghij"', '"GITHUB_PERSONAL": "***"'),
    ],
)
def test_secrets_are_hidden(line: str, shown: str):
    assert masked(line) == shown


@pytest.mark.parametrize(
    "line",
    [
        'env_key = "CCCC_TOKEN"',
        'bearer_token_env_var = "WEB_TOKEN"',
        '"CLAUDE_CODE_MAX_OUTPUT_TOKENS": "32000"',
        'model = "claude-sonnet-4-6"',
        '"ANTHROPIC_BASE_URL": "http://127.0.0.1:8080"',
    ],
)
def test_names_counts_and_addresses_stay(line: str):
    assert masked(line) == line
