"""How hard to think, in each format's words: efforts, budgets of tokens, the model's own choice.

| effort  | budget for Anthropic | a budget up to … reads as it |
|---------|----------------------|------------------------------|
| minimal | 1 024                | (reads as low)               |
| low     | 4 096                | 4 096                        |
| medium  | 12 288               | 16 384                       |
| high    | 24 576               | 32 768 (Claude Code's 31 999)|
| xhigh   | 49 152               | 65 535                       |
| max     | 98 304               | any                          |

`none` and `disabled` are each other's counterpart. Anthropic's adaptive thinking without an effort
means `high`, which is what Anthropic documents as its default.
"""

from __future__ import annotations

import re
from typing import Any, Final

from cccc_tui.wire.model import Effort, Reasoning

BUDGET_MIN: Final = 1024
_BUDGETS: Final[dict[Effort, int]] = {
    "minimal": 1024,
    "low": 4096,
    "medium": 12_288,
    "high": 24_576,
    "xhigh": 49_152,
    "max": 98_304,
}
_UPPER: Final[tuple[tuple[int, Effort], ...]] = (
    (4096, "low"),
    (16_384, "medium"),
    (32_768, "high"),
    (65_535, "xhigh"),
)
EFFORTS: Final[dict[str, Effort]] = {
    "none": "none",
    "minimal": "minimal",
    "low": "low",
    "medium": "medium",
    "high": "high",
    "xhigh": "xhigh",
    "max": "max",
}
_CLAUDE: Final = re.compile(r"claude-[a-z]+-(\d{1,2})(?:[-.](\d{1,2}))?(?!\d)")
_ADAPTIVE_SINCE: Final = (4, 6)


def effort_of(budget_tokens: int) -> Effort:
    """The effort that a budget stands for."""
    return next((effort for upper, effort in _UPPER if budget_tokens <= upper), "max")


def budget_of(effort: Effort) -> int:
    """The budget that an effort stands for."""
    return _BUDGETS.get(effort, 0)


def openai_effort(reasoning: Reasoning) -> Effort:
    """What OpenAI's `reasoning_effort` says for it."""
    if reasoning.mode == "off":
        return "none"
    if reasoning.effort is not None:
        return reasoning.effort
    return effort_of(reasoning.budget_tokens) if reasoning.mode == "budget" else "high"


def takes_adaptive(model: str) -> bool:
    """Whether a Claude model knows adaptive thinking and efforts (4.6 and later); others take budgets."""
    match = _CLAUDE.search(model.lower())
    return match is not None and (int(match[1]), int(match[2] or 0)) >= _ADAPTIVE_SINCE


def anthropic_thinking(
    reasoning: Reasoning, model: str, max_tokens: int
) -> tuple[dict[str, Any] | None, Effort | None]:
    """Anthropic's `thinking` and `output_config.effort`; no thinking when the limit leaves no room for it."""
    if reasoning.mode == "off" or reasoning.effort == "none":
        return {"type": "disabled"}, None
    display = {"display": "omitted"} if reasoning.hidden else {}
    if takes_adaptive(model):
        effort = reasoning.effort or (effort_of(reasoning.budget_tokens) if reasoning.budget_tokens else None)
        return {"type": "adaptive", **display}, "low" if effort == "minimal" else effort
    budget = reasoning.budget_tokens or budget_of(reasoning.effort or "high")
    if budget >= max_tokens:
        budget = max_tokens // 2
    if budget < BUDGET_MIN:
        return None, None
    return {"type": "enabled", "budget_tokens": budget, **display}, None
