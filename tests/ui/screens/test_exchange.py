"""The detail of a request, driven by keys."""

from cccc_tui.traffic.exchange import Body
from cccc_tui.ui.render.exchange_parts import PARTS
from cccc_tui.ui.screens.exchange import ExchangeScreen, hits_line
from tests.fakes.control import FakeControl
from tests.ui.conftest import WIDE, press, settle

TO_12 = ("2", "k", "k", "k", "k", "enter")
"""A request that failed over from one endpoint to another."""


async def detail_of(pilot, number: int) -> ExchangeScreen:
    await settle(pilot)
    screen = ExchangeScreen(pilot.app.control.traffic.get(number))
    await pilot.app.push_screen(screen)
    await settle(pilot)
    return screen


async def test_the_answer_at_80_columns(make_app, snap):
    await snap(make_app(), *TO_12)


async def test_the_request_at_140_columns(make_app, snap):
    await snap(make_app(), *TO_12, "[", "[", size=WIDE)


async def test_as_sent_stands_beside_as_received_at_140_columns(make_app, snap):
    await snap(make_app(), *TO_12, "[", size=WIDE)


async def test_the_timing(make_app, snap):
    await snap(make_app(), *TO_12, "]")


async def test_the_attempts(make_app, snap):
    await snap(make_app(), *TO_12, "]", "]")


async def test_the_route(make_app, snap):
    await snap(make_app(), *TO_12, "]", "]", "]")


async def test_the_parts_go_round(make_app):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await detail_of(pilot, 12)
        seen = []
        for _ in PARTS:
            await pilot.press("]")
            seen.append(screen.part_name)
        assert sorted(seen) == sorted(name for name, _title in PARTS)
        await pilot.press("[")
        assert screen.part_name == seen[-2]
        await pilot.press("enter")
        assert screen.part_name == seen[-1]
        assert screen.crumbs()[1] == "#12"


async def test_a_search_finds_marks_and_counts(make_app):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await detail_of(pilot, 12)
        await pilot.press("slash", *"ring", "enter")
        await settle(pilot)
        count = len(screen.text.hits)
        assert count >= 2
        await pilot.press("n")
        assert screen.text.hit_number == 1
        await pilot.press("N")
        assert screen.text.hit_number == 0
        assert hits_line(screen.text, "ring")[0].text == f"1 of {count}"
        await pilot.press("escape")
        await settle(pilot)
        assert (screen.text.hits, app.screen) == ([], screen)


async def test_a_search_without_a_hit_says_so_when_it_is_to_go_on(make_app):
    app = make_app()
    async with app.run_test(size=(100, 30)) as pilot:
        await detail_of(pilot, 12)
        await press(pilot, "slash", *"zzz", "enter", "n")
        assert app.messages[-1][1] == "No hit for zzz in this part."
        await press(pilot, "escape", "n")
        assert app.messages[-1][1].startswith("Nothing is searched for.")


async def test_raw_shows_the_events(make_app):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await detail_of(pilot, 12)
        assert not any("message_start" in text for text in screen.text.document.texts)
        await pilot.press("v")
        await settle(pilot)
        assert any("message_start" in text for text in screen.text.document.texts)


async def test_a_stream_appears_as_it_comes_and_follows_until_one_scrolls_up(make_app, control: FakeControl):
    app = make_app()
    exchange = control.traffic.get(14)
    exchange.response_body = Body(100_000)

    def says(first: int, last: int) -> None:
        for number in range(first, last + 1):
            text = f'{{"delta":{{"text":"sentence {number}\\n"}}}}'
            exchange.response_body.append(f"event: content_block_delta\ndata: {text}\n\n".encode())
        exchange.response_bytes = exchange.response_body.size_bytes
        control.traffic.touch(exchange.id)
        app.pull_now()

    async with app.run_test(size=(80, 24)) as pilot:
        screen = await detail_of(pilot, 14)
        says(1, 40)
        await settle(pilot)
        assert screen.text.is_following
        await pilot.press("k")
        top = screen.text.scroll_offset.y
        says(41, 60)
        await settle(pilot)
        assert (screen.text.scroll_offset.y, screen.text.is_following) == (top, False)
        assert any("sentence 60" in text for text in screen.text.document.texts)
        await pilot.press("G")
        says(61, 70)
        await settle(pilot)
        assert screen.text.is_following


async def test_the_detail_stays_when_the_ring_drops_its_request(make_app, control):
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await detail_of(pilot, 12)
        control.traffic.clear()
        app.pull_now()
        await settle(pilot)
        assert screen.crumbs()[1] == "#12"
        assert any("use `Ring.get(1)`" in text for text in screen.text.document.texts)
