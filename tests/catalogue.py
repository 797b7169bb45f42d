"""The gettext catalogues: `python -m tests.catalogue` brings them up to date with the source and compiles
them.

Translations that are still needed stay, those of texts that are gone go, and what is missing is listed. The
header has no dates, so that the same source gives the same files.
"""

from __future__ import annotations

import io
import sys
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po

import cccc_tui
from cccc_tui.locales import LANGUAGES

SOURCE = Path(cccc_tui.__file__).parent
FOLDER = SOURCE / "locales"
TRANSLATED = tuple(language for language in LANGUAGES if language != "en")
KEYWORDS = {"_": None, "N_": None, "ngettext": (1, 2)}
HEADER = """msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Language: {language}\\n"
"Plural-Forms: {plurals}\\n"

"""

Id = str | tuple[str, str]
"""A text, or singular and plural."""

SOME_DAY = datetime(2026, 1, 1, tzinfo=UTC)


def source_texts() -> dict[Id, set[str]]:
    """Every text of the source that is translated, with babel's flags."""
    found: dict[Id, set[str]] = {}
    catalog = Catalog()
    for _file, _line, text, comments, _context in extract_from_dir(str(SOURCE), keywords=KEYWORDS):
        message = Message(text, auto_comments=comments)
        catalog[message.id] = message
        found[_id(message)] = {"python-brace-format"} if message.python_brace_format else set()
    return found


def translations(language: str) -> dict[Id, str]:
    """The texts of a catalogue with their translations, untranslated ones left out."""
    with po_path(language).open("rb") as file:
        catalog = read_po(file, locale=language)
    return {
        _id(message): _first(message.string) for message in catalog if message.id and _first(message.string)
    }


def compiled(language: str) -> dict[Id, str]:
    """The same of the file that is read when cccc runs."""
    with po_path(language).with_suffix(".mo").open("rb") as file:
        return {_id(message): _first(message.string) for message in read_mo(file) if message.id}


def build(language: str) -> list[Id]:
    """Writes both files; the texts without a translation."""
    known = translations(language) if po_path(language).exists() else {}
    texts = source_texts()
    po = po_text(language, texts, known)
    po_path(language).parent.mkdir(parents=True, exist_ok=True)
    po_path(language).write_text(po, "utf-8")
    catalogue = read_po(io.BytesIO(po.encode()), locale=language)
    catalogue.creation_date = SOME_DAY  # the same source makes the same file, whenever it is made
    with po_path(language).with_suffix(".mo").open("wb") as file:
        write_mo(file, catalogue)
    return [text for text in texts if text not in known]


def po_text(language: str, texts: dict[Id, set[str]], known: dict[Id, str]) -> str:
    """The catalogue as its file holds it, sorted."""
    header = HEADER.format(language=language, plurals=Catalog(locale=language).plural_forms)
    entries = [_entry(text, flags, known.get(text, "")) for text, flags in texts.items()]
    return header + "\n".join(sorted(entries, key=lambda entry: entry.rpartition("msgid ")[2].casefold()))


def po_path(language: str) -> Path:
    return FOLDER / language / "LC_MESSAGES" / "cccc.po"


def _entry(text: Id, flags: set[str], translation: str) -> str:
    mark = "".join(f"#, {flag}\n" for flag in sorted(flags))
    if isinstance(text, tuple):
        singular, plural = text
        ids = f"msgid {_quoted(singular)}\nmsgid_plural {_quoted(plural)}"
        return f"{mark}{ids}\nmsgstr[0] {_quoted(translation)}\n"
    return f"{mark}msgid {_quoted(text)}\nmsgstr {_quoted(translation)}\n"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def _id(message: Message) -> Id:
    return message.id if isinstance(message.id, str) else (message.id[0], message.id[1])


def _first(string: str | tuple[str, ...]) -> str:
    return string if isinstance(string, str) else string[0]


if __name__ == "__main__":
    missing = [(language, text) for language in TRANSLATED for text in build(language)]
    for language, text in missing:
        print(f"{language}: not translated: {text!r}")
    sys.exit(bool(missing))
