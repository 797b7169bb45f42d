"""The words that people read, in their language: gettext catalogues, English in the source.

`_` translates at the moment of the call, so a table of texts marks them with `N_` and calls `_` when it shows them.
"""

from __future__ import annotations

import gettext
import locale
import os
from pathlib import Path

LANGUAGES = ("en", "zh_CN")

_folder = Path(__file__).parent
_current: gettext.NullTranslations = gettext.NullTranslations()


def use(language: str) -> None:
    """Switches to `en`, `zh_CN`, or what the environment asks for (`auto`)."""
    global _current
    wanted = _from_environment() if language == "auto" else language
    _current = (
        gettext.NullTranslations()
        if wanted == "en"
        else gettext.translation("cccc", _folder, languages=[wanted], fallback=True)
    )


def _(text: str) -> str:
    return _current.gettext(text)


def N_(text: str) -> str:
    """Marks a text for the catalogue without translating it yet."""
    return text


def ngettext(singular: str, plural: str, count: int) -> str:
    return _current.ngettext(singular, plural, count)


def _from_environment() -> str:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name):
            normal = locale.normalize(value)
            return (
                "zh_CN"
                if normal.startswith(("zh_CN", "zh_SG", "zh_Hans")) or value.startswith("zh")
                else "en"
            )
    return "en"
