"""The real clients, connected by `cccc connect` and by nothing else: no variable of the environment leads them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.clients import needs
from tests.e2e.conftest import config, endpoint
from tests.e2e.connected import ClientRun, cccc, claude_run, codex_run, run_program
from tests.fakes.agent_task import Errand, solve
from tests.fakes.process import CcccProcess
from tests.fakes.upstream import FakeUpstream

pytestmark = pytest.mark.e2e

CLAUDE = (
    "-p",
    "--output-format",
    "stream-json",
    "--verbose",
    "--allowedTools",
    "Bash",
    "Read",
    "Edit",
    "--",
)
CODEX = ("exec", "--json", "--skip-git-repo-check", "--dangerously-bypass-approvals-and-sandbox", "--")

OWN_CLAUDE = '{\n  "cleanupPeriodDays": 30\n}\n\n'
DEMO = 'endpoints:\n  - name: demo\n    url: "demo:"\n'
OWN_CODEX = '# mine\nmodel = "gpt-5.5"  # the usual\nanalytics.enabled = false\nfeatures.plugins = false\n\n[history]\npersistence = "none"'


@pytest.fixture
def home(client_folder: Path) -> Path:
    folder = client_folder / "home"
    folder.mkdir()
    return folder


async def test_claude_connected_by_one_command_does_its_errand_and_is_put_back(
    upstream: FakeUpstream, tmp_path: Path, home: Path, errand_folder: Path
):
    needs("claude")
    settings = home / ".claude" / "settings.json"
    settings.parent.mkdir()
    settings.write_text(OWN_CLAUDE)
    errand = Errand(errand_folder)
    upstream.always(solve)
    async with CcccProcess(config(endpoint("only", upstream.url, "anthropic")), tmp_path / "cccc") as running:
        told = await cccc(home, "connect", "claude", "--yes", "--url", running.url)
        assert "The endpoint only has answered through cccc" in told
        run = claude_run(await run_program("claude", *CLAUDE, errand.prompt, home=home, work=errand_folder))
        assert_done(run, errand)
        await cccc(home, "connect", "claude", "--undo", "--yes")
    assert settings.read_text() == OWN_CLAUDE


async def test_codex_connected_by_one_command_does_its_errand_and_is_put_back(
    upstream: FakeUpstream, tmp_path: Path, home: Path, errand_folder: Path
):
    needs("codex")
    settings = home / ".codex" / "config.toml"
    settings.parent.mkdir()
    settings.write_text(OWN_CODEX)
    errand = Errand(errand_folder)
    upstream.always(solve)
    async with CcccProcess(config(endpoint("only", upstream.url, "responses")), tmp_path / "cccc") as running:
        told = await cccc(home, "connect", "codex", "--yes", "--url", running.url)
        assert "The endpoint only has answered through cccc" in told
        run = codex_run(await run_program("codex", *CODEX, errand.prompt, home=home, work=errand_folder))
        assert_done(run, errand)
        await cccc(home, "connect", "codex", "--undo", "--yes")
    assert settings.read_text() == OWN_CODEX


@pytest.mark.parametrize(("client", "form"), [("claude", "anthropic"), ("codex", "responses")])
async def test_a_client_run_by_cccc_asks_it_whatever_its_files_say_and_they_stay_untouched(
    client: str, form: str, upstream: FakeUpstream, tmp_path: Path, home: Path, errand_folder: Path
):
    needs(client)
    files = {
        home
        / ".claude"
        / "settings.json": '{"env": {"ANTHROPIC_BASE_URL": "http://127.0.0.1:9", "CLAUDE_CODE_USE_BEDROCK": "1"}}',
        home
        / ".codex"
        / "config.toml": 'model_provider = "x"\nmodel = "gpt-5.5"\nanalytics.enabled = false\nfeatures.plugins = false\n[model_providers.x]\nname = "x"\nbase_url = "http://127.0.0.1:9/v1"\n',
    }
    for path, text in files.items():
        path.parent.mkdir()
        path.write_text(text)
    errand = Errand(errand_folder)
    upstream.always(solve)
    own = CLAUDE if client == "claude" else CODEX
    async with CcccProcess(config(endpoint("only", upstream.url, form)), tmp_path / "cccc") as running:
        arguments = ("run", client, "--url", running.url, "--", *own, errand.prompt)
        out = await run_program("cccc", *arguments, home=home, work=errand_folder)
    assert_done(claude_run(out) if client == "claude" else codex_run(out), errand)
    assert {path: path.read_text() for path in files} == files


async def test_a_profile_of_codex_leads_to_cccc_and_codex_without_it_stays_as_it_is(
    upstream: FakeUpstream, tmp_path: Path, home: Path, errand_folder: Path
):
    needs("codex")
    errand = Errand(errand_folder)
    upstream.always(solve)
    async with CcccProcess(config(endpoint("only", upstream.url, "responses")), tmp_path / "cccc") as running:
        more = ("--yes", "--no-verify", "--profile", "work", "--model", "gpt-5.5", "--url", running.url)
        await cccc(home, "connect", "codex", *more)
        assert not (home / ".codex" / "config.toml").exists()
        run = codex_run(
            await run_program("codex", "-p", "work", *CODEX, errand.prompt, home=home, work=errand_folder)
        )
    assert_done(run, errand)


def assert_done(run: ClientRun, errand: Errand) -> None:
    assert run.succeeded, f"{run.error}\n{run.stderr}"
    assert errand.written == errand.password


@pytest.mark.parametrize(
    ("client", "more", "written"),
    [
        ("claude", (), ".claude/settings.json"),
        ("claude", ("--project", "work"), "work/.claude/settings.local.json"),
        ("claude", ("--target", "elsewhere.json"), "elsewhere.json"),
        ("codex", (), ".codex/config.toml"),
        ("codex", ("--profile", "work"), ".codex/work.config.toml"),
    ],
)
async def test_the_program_that_was_connected_is_tried_and_answers_through_cccc(
    client: str, more: tuple[str, ...], written: str, tmp_path: Path, home: Path
):
    needs(client)
    (home / "work").mkdir()
    async with CcccProcess(DEMO, tmp_path / "cccc") as running:
        told = await cccc(home, "connect", client, "--yes", "--try", "--url", running.url, *more)
    assert "The endpoint demo has answered through cccc" in told
    assert "itself says:" in told
    assert "demo" in told.split("itself says:")[1]
    assert (home / written).is_file()
