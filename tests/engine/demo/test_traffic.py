import asyncio
import itertools
import json
import random
from collections import Counter

from cccc_tui.engine.demo import traffic as traffic_module
from cccc_tui.engine.demo.traffic import DemoTraffic, requests
from tests.fakes.documented import problems
from tests.fakes.upstream import FakeUpstream, says

FORMS = {"/v1/messages": "anthropic", "/v1/chat/completions": "chat", "/v1/responses": "responses"}


def many(seed=1, count=600):
    return list(itertools.islice(requests(random.Random(seed)), count))


def test_all_kinds_of_agents_ask_in_all_formats_streamed_and_not():
    sent = many()
    assert {request.kind for request in sent} == {
        "claude-code",
        "codex",
        "openai-sdk",
        "anthropic-sdk",
        "other",
    }
    assert {request.path.partition("?")[0] for request in sent} == {*FORMS, "/v1/messages/count_tokens"}
    assert {json.loads(request.body).get("stream", False) for request in sent} == {True, False}


def test_all_but_a_few_requests_are_what_the_documents_allow():
    sent = [request for request in many() if "count_tokens" not in request.path]
    bad = Counter(
        tuple(
            problems(FORMS[request.path.partition("?")[0]], list(request.headers.items()), request.body, None)
        )
        for request in sent
    )
    assert 0.9 < bad[()] / len(sent) < 1
    assert all("messages" in found[0] or "input" in found[0] for found in bad if found)


def test_some_agents_give_up_and_some_do_not():
    impatient = [request for request in many() if request.given_up_after_s]
    assert 5 < len(impatient) < 100


def test_a_conversation_grows_and_repeats_itself():
    by_session = {}
    for request in many(count=100):
        if request.kind == "codex" and "input" in (body := json.loads(request.body)):
            by_session.setdefault(request.headers["session-id"], []).append(body["input"])
    longest = max(by_session.values(), key=len)
    assert len(longest) > 2
    for before, after in itertools.pairwise(longest):
        assert after[: len(before)] == before


def test_the_same_seed_asks_the_same():
    assert many(seed=3, count=50) == many(seed=3, count=50)


async def test_it_calls_the_gateway_until_it_is_stopped():
    async with FakeUpstream(strict=False, standing=says("Hello.")) as gateway:
        traffic = DemoTraffic(pace_s=0, seed=1)
        await traffic.start(gateway.url)
        await gateway.arrived(20)
        await traffic.stop()
        assert gateway.requests[0].header("user-agent")
        await traffic.stop()


async def test_no_more_requests_run_at_once_than_allowed(monkeypatch):
    monkeypatch.setattr(traffic_module, "_CANCELLED_SHARE", 0)
    monkeypatch.setattr(traffic_module, "_COUNTING_SHARE", 0)
    hold = asyncio.Event()
    async with FakeUpstream(strict=False, standing=says("Hello.").held(hold)) as gateway:
        traffic = DemoTraffic(pace_s=0, at_once=3, seed=1)
        await traffic.start(gateway.url)
        await gateway.arrived(3)
        for _ in range(50):  # with no pace, the traffic has its next idea each time
            await asyncio.sleep(0)
            assert len(agents()) == 3
        hold.set()
        await gateway.arrived(6)
        await traffic.stop()
        assert agents() == []


def agents():
    names = (task.get_name() for task in asyncio.all_tasks())
    return [name for name in names if name.startswith("demo ") and name != "demo traffic"]
