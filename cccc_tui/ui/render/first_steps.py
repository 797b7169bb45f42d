"""What to do while only the built-in demo answers: what is at hand, and which key puts it into use."""

from __future__ import annotations

from collections.abc import Sequence

from cccc_tui.config.first_run import Offer
from cccc_tui.locales import _
from cccc_tui.ui.render.cells import Line, Run, cell_width, cut_end, fit, line, safe
from cccc_tui.ui.render.glyphs import Glyphs

MAX_OFFERS = 3
NAME_WIDTH = 12


def first_steps(offers: Sequence[Offer] | None, width: int, glyphs: Glyphs) -> list[Line]:
    """A sentence on where one stands, a line for each thing found, and a sentence on how to go on.

    None for `offers`: nobody has looked, so nothing is said of what is missing.
    """
    stands = _("The built-in demo answers until an endpoint of your own is switched on.")
    if offers or offers is None:
        goes_on = _("3 shows the endpoints: space switches one on, t tests it, a adds another.")
    else:
        goes_on = _("No key, no local model server found: 3, then a, adds an endpoint.")
    found = [_offer_line(offer, width, glyphs) for offer in (offers or ())[:MAX_OFFERS]]
    return [line(cut_end(stands, width)), *found, line(cut_end(goes_on, width), "title")]


def _offer_line(offer: Offer, width: int, glyphs: Glyphs) -> Line:
    why = cut_end(safe(_("found: {why}").format(why=offer.why)), max(10, width - NAME_WIDTH - 2))
    name = offer.name if cell_width(offer.name) < NAME_WIDTH else cut_end(offer.name, NAME_WIDTH - 1)
    return (Run(f"{glyphs.ok} ", "ok"), *fit(line(name, "strong"), NAME_WIDTH), Run(why))
