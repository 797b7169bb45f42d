"""What an endpoint has taught, in words: `no temperature`, `at most 8,192 output tokens`, `takes no images`."""

from __future__ import annotations

from collections.abc import Callable

from cccc_tui.engine.control import FactStatus
from cccc_tui.locales import N_, _
from cccc_tui.ui.render.cells import safe

_LACKS = {
    "images": N_("takes no images"),
    "tools": N_("takes no tools"),
    "developer_role": N_("knows no developer role"),
    "system_role": N_("takes no system message"),
    "compaction": N_("cannot compact a conversation"),
    "thoughtless_turns": N_("wants its thoughts in every turn"),
}
_AUTH_FORMS = {
    "api_key": N_("takes x-api-key"),
    "auth_token": N_("takes a Bearer token"),
}
_OUTPUT = ("max_tokens", "max_completion_tokens", "max_output_tokens")
_THINKING = "budget_tokens"


def fact_words(fact: FactStatus) -> str:
    """The fact in a few words; one that this version does not know as it is kept."""
    kind, _colon, rest = fact.name.partition(":")
    if kind == "param" and (words := _parameter(rest, fact.value)):
        return safe(words)
    if kind == "lacks":
        return _(_LACKS[rest]) if rest in _LACKS else safe(_("lacks {what}").format(what=rest))
    if kind == "auth_form" and fact.value in _AUTH_FORMS:
        return _(_AUTH_FORMS[fact.value])
    if kind == "context_tokens":
        return safe(_("holds {count} tokens").format(count=_counted(fact.value)))
    if fact.value == "no" and kind == "speaks_responses":
        return _("speaks no Responses")
    if fact.value == "no" and kind.startswith("counts_tokens"):
        return _("counts no tokens")
    return safe(f"{fact.name} = {fact.value}")


def _parameter(path: str, said: str) -> str:
    remedy, _equals, value = said.partition("=")
    words = _REMEDIES.get(remedy)
    return words(path, value) if words else ""


def _most(path: str, value: str) -> str:
    name = path.rpartition(".")[2]
    if name in _OUTPUT:
        return _("at most {count} output tokens").format(count=_counted(value))
    if name == _THINKING:
        return _("at most {count} thinking tokens").format(count=_counted(value))
    return _("{parameter} at most {value}").format(parameter=path, value=_counted(value))


def _counted(value: str) -> str:
    return f"{int(value):,}" if value.isdecimal() else value


_REMEDIES: dict[str, Callable[[str, str], str]] = {
    "drop": lambda path, _value: _("no {parameter}").format(parameter=path),
    "most": _most,
    "least": lambda path, value: _("{parameter} at least {value}").format(
        parameter=path, value=_counted(value)
    ),
    "set": lambda path, value: _("{parameter} always {value}").format(parameter=path, value=value),
    "rename": lambda path, value: _("{parameter} is called {value}").format(parameter=path, value=value),
    "one_of": lambda path, value: _("{parameter} only {value}").format(
        parameter=path, value=value.replace(",", ", ")
    ),
}
