"""The line above a list where its filter is typed, or the line below a text where its search is.

It always says what is shown (`12 of 340`), and a filter that cannot be understood points at the place.
"""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Input, Static

from cccc_tui.locales import _
from cccc_tui.traffic.query import QueryProblem
from cccc_tui.ui.render.cells import Line, Run, cell_width, width
from cccc_tui.ui.widgets.tones import content, draws_ascii

MAX_HISTORY = 50
PROMPT = " / "


class History:
    """The last filters, newest last, without repetitions."""

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._place = 0

    def add(self, text: str) -> None:
        """Remembers a filter that was used."""
        if text:
            self._texts = [*(each for each in self._texts if each != text), text][-MAX_HISTORY:]
        self._place = len(self._texts)

    def step(self, step: int) -> str:
        """An older one (-1) or a newer one (1); after the newest comes an empty one."""
        self._place = min(max(self._place + step, 0), len(self._texts))
        return self._texts[self._place] if self._place < len(self._texts) else ""


class FilterInput(Input):
    """The field; arrow keys bring back the last filters."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "recall(-1)", show=False),
        Binding("down", "recall(1)", show=False),
    ]

    def __init__(self, history: History, placeholder: str) -> None:
        super().__init__(placeholder=placeholder, compact=True, select_on_focus=False)
        self._history = history

    def action_recall(self, step: int) -> None:
        """Puts an older or newer filter into the field."""
        self.value = self._history.step(step)
        self.cursor_position = len(self.value)


class FilterBar(Vertical):
    """The field when it is open, the filter that holds when not, and always the counts at the right."""

    DEFAULT_CSS = """
    FilterBar { height: auto; background: $surface; }
    FilterBar Horizontal { height: 1; }
    FilterBar #prompt { width: 3; color: $primary; text-style: bold; }
    FilterBar FilterInput { width: 1fr; background: $surface; display: none; padding: 0; }
    FilterBar #held { width: 1fr; height: 1; }
    FilterBar.-open FilterInput { display: block; }
    FilterBar.-open #held { display: none; }
    FilterBar #counts { width: auto; height: 1; padding: 0 1; }
    FilterBar #problem { height: auto; display: none; padding: 0; color: $state-error; }
    FilterBar.-problem #problem { display: block; }
    """

    class Changed(Message):
        """Another text was typed."""

        def __init__(self, bar: FilterBar, text: str) -> None:
            super().__init__()
            self.bar = bar
            self.text = text

        @property
        def control(self) -> FilterBar:
            return self.bar

    class Closed(Message):
        """The person is done with the field; the text holds."""

    def __init__(self, hint: str, placeholder: str, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.history = History()
        self._hint = hint
        self._placeholder = placeholder
        self._counts: Line = ()
        self.text = ""
        """The filter as it stands in the field."""

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield Static(PROMPT, id="prompt", markup=False)
            yield FilterInput(self.history, self._placeholder)
            yield Static(content((Run(self._hint, "dim"),)), id="held", markup=False)
            yield Static("", id="counts", markup=False)
        yield Static("", id="problem", markup=False)

    @property
    def is_open(self) -> bool:
        return self.has_class("-open")

    def open(self) -> None:
        """Lets the person type."""
        self.add_class("-open")
        self.query_one(FilterInput).focus()

    def close(self) -> None:
        """The text holds; the field becomes a line that shows it."""
        if self.is_open:
            self.remove_class("-open")
            self.history.add(self.text)
            self._show_held()
            self.post_message(self.Closed())

    def leave(self) -> bool:
        """Closes and empties the field; whether there was anything to leave."""
        if not (self.text or self.is_open):
            return False
        self.clear()
        self.close()
        return True

    def clear(self) -> None:
        """Empties the field."""
        self.text = ""
        self.query_one(FilterInput).value = ""
        self._show_held()

    def show_counts(self, counts: Line) -> None:
        """What stands at the right."""
        if counts != self._counts:
            is_as_wide = width(counts) == width(self._counts)
            self._counts = counts
            text = content(counts, ascii_only=draws_ascii(self))
            self.query_one("#counts", Static).update(text, layout=not is_as_wide)

    def show_problem(self, problem: QueryProblem | None) -> None:
        """Points at the place of the field that cannot be understood; None is well."""
        self.set_class(problem is not None, "-problem")
        if problem:
            self.query_one("#problem", Static).update(
                content((Run(pointing(problem, self.size.width), "error"),))
            )

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self.text = event.value
        self.post_message(self.Changed(self, event.value))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.close()

    def on_click(self) -> None:
        self.open()

    def _show_held(self) -> None:
        text = self.text
        held = (
            (Run(text, "strong"), Run("  " + _("esc clears"), "dim")) if text else (Run(self._hint, "dim"),)
        )
        self.query_one("#held", Static).update(content(held))


def pointing(problem: QueryProblem, width: int) -> str:
    """The arrow below the place, and the message behind it, or below it where there is no room for all of it."""
    arrow = " " * (len(PROMPT) + problem.column) + "^"
    fits = cell_width(f"{arrow} {problem.message}") <= width
    return f"{arrow} {problem.message}" if fits else f"{arrow}\n{problem.message}"
