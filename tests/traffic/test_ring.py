"""The ring: bounds, dirty sets and eviction."""

from cccc_tui.traffic.exchange import Body, Exchange
from cccc_tui.traffic.ring import Ring


def exchange(number: int, body_bytes: int = 0, state: str = "done") -> Exchange:
    each = Exchange(id=number, began_at=0.0, method="POST", path="/", state=state)
    if body_bytes:
        each.response_body = Body(body_bytes)
        each.response_body.append(b"x" * body_bytes)
    return each


def filled(count: int, **limits) -> Ring:
    ring = Ring(**limits)
    for number in range(1, count + 1):
        each = exchange(number)
        ring.add(each)
        ring.settle(each)
    return ring


def test_the_oldest_finished_go_when_there_are_too_many():
    assert [each.id for each in filled(5, max_count=3)] == [3, 4, 5]


def test_the_oldest_finished_go_when_they_are_too_big():
    ring = Ring(max_bytes=10_000)
    for number in (1, 2, 3):
        each = exchange(number, body_bytes=3_000)
        ring.add(each)
        ring.settle(each)
    assert [each.id for each in ring] == [3]
    assert ring.kept_bytes == exchange(3, body_bytes=3_000).kept_bytes


def test_a_running_exchange_is_never_pushed_out():
    ring = Ring(max_count=2)
    ring.add(exchange(1, state="streaming"))
    for number in (2, 3, 4):
        each = exchange(number)
        ring.add(each)
        ring.settle(each)
    assert [each.id for each in ring] == [1, 4]


def test_a_reader_gets_what_changed_since_its_last_look():
    ring = filled(3)
    assert ring.take_dirty("a") == {1, 2, 3}
    assert ring.take_dirty("a") == set()
    ring.touch(2)
    assert ring.take_dirty("a") == {2}


def test_readers_do_not_take_from_each_other():
    ring = filled(1)
    ring.take_dirty("a"), ring.take_dirty("b")
    ring.touch(1)
    assert ring.take_dirty("a") == ring.take_dirty("b") == {1}


def test_an_eviction_is_a_change_too():
    ring = filled(2, max_count=2)
    ring.take_dirty("a")
    third = exchange(3)
    ring.add(third)
    ring.settle(third)
    assert ring.take_dirty("a") == {1, 3}
    assert ring.get(1) is None
    assert 1 not in ring


def test_clearing_leaves_the_running_ones():
    ring = filled(2)
    ring.add(exchange(3, state="waiting"))
    ring.clear()
    assert [each.id for each in ring] == [3]
    assert (len(ring), ring.kept_bytes) == (1, 0)


def test_settling_twice_books_the_size_once():
    ring = filled(1)
    ring.settle(ring.get(1))
    assert ring.kept_bytes == ring.get(1).kept_bytes


def test_every_change_raises_the_revision():
    ring = Ring()
    seen = [ring.revision]
    ring.add(exchange(ring.next_id))
    seen.append(ring.revision)
    ring.touch(1)
    seen.append(ring.revision)
    ring.clear()
    seen.append(ring.revision)
    assert seen == sorted(set(seen))
    assert ring.next_id == 2
