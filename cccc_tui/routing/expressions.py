"""Conditions of the user's own over a request: a small language without loops, attributes or side effects.

The syntax is Python's, the evaluator walks the parsed tree and knows only what stands in the tables below: nothing of
it is ever given to Python's own `eval`. What could take much time or memory in one step (powers, formats, methods,
comprehensions) is taken out, so that the time limit, which is looked at between steps, is kept.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import Any

import simpleeval

from cccc_tui.routing.rewrite import matches

MAX_SOURCE_CHARS = 10_000

MAX_PATTERN_CHARS = 1_000
"""Of `matches`: a pattern may come from a request, and one of megabytes takes minutes."""

_REFUSED: dict[type[ast.AST], str] = {
    ast.Attribute: "attributes",
    ast.JoinedStr: "f-strings",
    ast.FormattedValue: "f-strings",
    ast.Lambda: "functions of their own",
    ast.NamedExpr: "assignments",
    ast.Await: "await",
    ast.ListComp: "loops",
    ast.SetComp: "loops",
    ast.DictComp: "loops",
    ast.GeneratorExp: "loops",
    ast.Starred: "a star that unpacks",
    ast.Pow: "powers",
    ast.Mod: "%",
    ast.LShift: "<<",
    ast.RShift: ">>",
    ast.MatMult: "@",
}


class ExpressionError(Exception):
    """The condition cannot be read, or failed on this request; the text is a sentence."""


def _contains(whole: Any, part: Any) -> bool:
    """Whether a list has the item, or the text has the part, case counting; of nothing, no."""
    return whole is not None and part in whole


def _matches(pattern: Any, text: Any) -> bool:
    if len(str(pattern)) > MAX_PATTERN_CHARS:
        raise ExpressionError(
            f"failed: the pattern of matches is longer than {MAX_PATTERN_CHARS:,} characters"
        )
    return matches(str(pattern), str(text or ""))


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "contains": _contains,
    "startswith": lambda text, start: str(text or "").startswith(str(start)),
    "endswith": lambda text, end: str(text or "").endswith(str(end)),
    "lower": lambda text: str(text or "").lower(),
    "upper": lambda text: str(text or "").upper(),
    "len": lambda value: 0 if value is None else len(value),
    "matches": _matches,
    "int": int,
    "str": str,
}
"""What every condition may call, besides the look-ups that come with a request."""


class Expression:
    """A condition, parsed once."""

    def __init__(self, source: str) -> None:
        """Raises `ExpressionError`."""
        self.source = source.strip()
        if len(self.source) > MAX_SOURCE_CHARS:
            raise ExpressionError(f"is longer than {MAX_SOURCE_CHARS:,} characters")
        try:
            self._tree = ast.parse(self.source, mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            raise ExpressionError(f"is no expression: {error}") from None
        _check(self._tree)

    def holds(
        self,
        names: Mapping[str, Any],
        functions: Mapping[str, Callable[..., Any]],
        is_late: Callable[[], bool] = lambda: False,
    ) -> bool:
        """Whether it is true of these values. Raises `ExpressionError`, also when `is_late` says so on the way."""
        evaluator = _Evaluator(names, {**FUNCTIONS, **functions}, is_late)
        try:
            return bool(evaluator.eval(self.source, previously_parsed=self._tree))
        except ExpressionError:
            raise
        except (simpleeval.InvalidExpression, ArithmeticError, LookupError, TypeError, ValueError) as error:
            raise ExpressionError(f"failed: {error}") from None
        except (RecursionError, MemoryError, AttributeError) as error:
            raise ExpressionError(f"failed: {type(error).__name__}") from None


def _check(tree: ast.AST) -> None:
    """Raises `ExpressionError` for what no condition may hold, before any request meets it."""
    for node in ast.walk(tree):
        refused = _REFUSED.get(type(node), "")
        if isinstance(node, ast.Dict) and None in node.keys:
            refused = "a star that unpacks"
        if isinstance(node, ast.keyword):
            refused = "arguments with names"
        if refused:
            raise ExpressionError(f"may not use {refused}")


class _Evaluator(simpleeval.EvalWithCompoundTypes):  # type: ignore[misc]  # the library has no types
    def __init__(
        self, names: Mapping[str, Any], functions: dict[str, Callable[..., Any]], is_late: Callable[[], bool]
    ) -> None:
        super().__init__(functions=dict(functions), names=names)
        self._is_late = is_late
        self.functions = functions  # without the constructors that the library adds
        for kind in _REFUSED:
            self.nodes.pop(kind, None)
            self.operators.pop(kind, None)

    def _eval(self, node: ast.AST) -> Any:
        if self._is_late():
            raise ExpressionError("took too long")
        return super()._eval(node)
