from __future__ import annotations

import re
import subprocess
import sys

from cccc_tui.wire.phrases import Phrase


def test_a_phrase_finds_what_its_pattern_finds_in_any_case():
    found = Phrase(r"limit of (?P<most>\d+)").search("The LIMIT of 4096 tokens")
    assert found is not None
    assert found["most"] == "4096"
    assert Phrase("a.b", re.DOTALL).search("a\nb")
    assert Phrase("a.b").search("a\nb") is None


def test_the_phrases_of_providers_are_compiled_for_an_error_and_not_for_a_start():
    code = (
        "import re\n"
        "compiled, compile = [], re.compile\n"
        "re.compile = lambda pattern, flags=0: compiled.append(pattern) or compile(pattern, flags)\n"
        "from cccc_tui.routing import lessons\n"
        "from cccc_tui.wire.error_classes import classify\n"
        "before = ['prompt is too long' in str(pattern) for pattern in compiled]\n"
        "kind = classify(400, '', '', 'prompt is too long: 3 > 2')\n"
        "after = ['prompt is too long' in str(pattern) for pattern in compiled]\n"
        "print(any(before), kind, any(after))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["False", "context_overflow", "True"]
