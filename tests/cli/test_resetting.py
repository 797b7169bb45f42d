import asyncio
import time
from pathlib import Path

import pytest

from cccc_tui.cli import main
from cccc_tui.config.paths import state_folder
from cccc_tui.config.schema import Endpoint
from cccc_tui.engine.health import HealthBook
from cccc_tui.engine.memory import Memory
from cccc_tui.engine.routing_table import endpoint_id
from cccc_tui.routing.policy import Verdict

NAMES = ("first", "second")
IDS = {name: endpoint_id(Endpoint(name=name, url=f"https://{name}.example")) for name in NAMES}
RESTS = Verdict(action="next", reason="rate limit", cool_s=600.0)


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two endpoints, both resting."""
    for name in ("XDG_STATE_HOME", "XDG_CONFIG_HOME", "HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    path = tmp_path / "config.yaml"
    path.write_text("endpoints:\n" + "".join(f"- {{name: {n}, url: 'https://{n}.example'}}\n" for n in NAMES))
    asyncio.run(with_book(lambda book: [book.fail(id_, RESTS, "429") for id_ in IDS.values()]))
    return path


async def with_book(act) -> object:
    memory = Memory(state_folder())
    book = HealthBook(time.time, memory.health_changed)
    await memory.open(book)
    try:
        return act(book)
    finally:
        await memory.close()


def resting() -> list[str]:
    return asyncio.run(with_book(lambda book: [n for n in NAMES if book.of(IDS[n]).is_out(time.time())]))


def test_the_failures_of_one_endpoint_are_forgotten(config, capsys):
    assert main(["reset", "first", "--config", str(config)]) == 0
    assert "Forgotten: the failures of first." in capsys.readouterr().out
    assert resting() == ["second"]


def test_the_failures_of_all_are_forgotten(config):
    assert main(["reset", "--all", "--config", str(config)]) == 0
    assert resting() == []


@pytest.mark.parametrize(
    "arguments, said",
    [
        ([], "whose failures?"),
        (["frist"], "there is no endpoint frist; there are first, second; did you mean first?"),
        (["first", "--all"], "give names or --all, not both"),
    ],
)
def test_what_cannot_be_meant_is_said_and_nothing_is_forgotten(config, capsys, arguments, said):
    assert main(["reset", *arguments, "--config", str(config)]) == 2
    assert said in capsys.readouterr().err
    assert resting() == list(NAMES)


def test_a_broken_configuration_is_said(config, capsys):
    config.write_text("endpoints: [{nam: x}]\n")
    assert main(["reset", "--all", "--config", str(config)]) == 2
    assert "cccc check" in capsys.readouterr().err
