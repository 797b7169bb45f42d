import msgspec
import pytest

from cccc_tui.engine.fact_book import MOST_CHARACTERS, MOST_FACTS, MOST_FORGOTTEN, FactBook
from cccc_tui.state.database import Database
from cccc_tui.state.facts import FactStore

NAMES = {"id-1": "one"}


@pytest.fixture
async def database(tmp_path):
    database = Database(tmp_path / "state.db")
    database.open()
    yield database
    database.close()


@pytest.fixture
def store(database):
    return FactStore(database)


@pytest.fixture
def book(store):
    store.learn("id-1", "m", "param:temperature", "drop", evidence="400 not supported", exchange_id=7)
    store.learn("id-1", "m", "token_factor", 1.1, evidence="measured")
    return FactBook(store, lambda: NAMES)


def other_book(store, names=NAMES) -> FactBook:
    return FactBook(store, lambda: names)


def test_facts_are_listed_by_the_endpoints_name_without_what_no_person_looks_for(book):
    (fact,) = book.list()
    assert (fact.endpoint, fact.model, fact.name, fact.value) == ("one", "m", "param:temperature", "drop")
    assert (fact.evidence, fact.exchange_id) == ("400 not supported", 7)


def test_a_fact_is_fixed_let_go_and_forgotten(book):
    place = ("one", "m", "param:temperature")
    assert book.pin(*place).done
    assert book.list()[0].pinned
    assert book.pin(*place, pinned=False).done
    assert not book.list()[0].pinned
    assert book.undo(*place).message == "Forgotten: param:temperature of one. It is found out anew."
    assert book.list() == ()


def test_what_was_forgotten_is_put_back_as_it_was(book):
    before, place = book.list(), ("one", "m", "param:temperature")
    book.undo(*place)
    assert book.restore(*place).message == "Put back: param:temperature of one."
    assert book.list() == before
    assert "was not forgotten here" in book.restore(*place).message


def test_what_was_learned_anew_meanwhile_stays(book, store):
    place = ("one", "m", "param:temperature")
    book.undo(*place)
    store.learn("id-1", "m", "param:temperature", "most=1", evidence="400 at most 1")
    outcome = book.restore(*place)
    assert (outcome.done, book.list()[0].value) == (False, "most=1")


def test_what_would_have_expired_meanwhile_is_not_put_back(database):
    now = [0.0]
    store = FactStore(database, lambda: now[0])
    store.learn("id-1", "m", "param:temperature", "drop", evidence="400 no", ttl_s=60)
    book = FactBook(store, lambda: NAMES)
    book.undo("one", "m", "param:temperature")
    now[0] = 61
    assert "would have expired" in book.restore("one", "m", "param:temperature").message


def test_only_the_last_forgotten_facts_can_be_put_back(book, store):
    for number in range(MOST_FORGOTTEN + 1):
        store.learn("id-1", f"m{number}", "lacks:images", "yes", evidence="400 no images")
        book.undo("one", f"m{number}", "lacks:images")
    assert not book.restore("one", "m0", "lacks:images").done
    assert book.restore("one", "m1", "lacks:images").done


def test_its_revision_rises_with_the_facts_and_with_the_names_of_endpoints(store):
    names = [NAMES]
    book = FactBook(store, lambda: names[0])
    seen = [book.revision, book.revision]
    store.learn("id-1", "m", "param:temperature", "drop", evidence="400 no")
    seen.append(book.revision)
    names[0] = {"id-1": "renamed"}
    seen.append(book.revision)
    assert seen == [seen[0], seen[0], seen[0] + 1, seen[0] + 2]


def test_a_fact_that_is_not_there_is_said_to_be_missing(book):
    for outcome in (book.pin("one", "", "auth_form"), book.undo("nobody", "m", "param:temperature")):
        assert not outcome.done
        assert "cccc facts list" in outcome.message


def test_an_export_comes_back_whole(book, store):
    text, before = book.export(), book.list()
    book.undo("one", "m", "param:temperature")
    assert book.take_in(text).message == "1 facts taken up."
    assert [msgspec.structs.replace(fact, exchange_id=7) for fact in book.list()] == list(before)


def test_an_export_of_as_many_facts_as_there_may_be_is_taken_in(store):
    book = FactBook(store, lambda: NAMES)
    for number in range(MOST_FACTS):
        evidence = f"400 {number} is not supported".ljust(MOST_CHARACTERS, "✗")
        store.learn("id-1", f"m{number}", "param:temperature", "drop", evidence=evidence)
    assert book.take_in(book.export()).message == f"{MOST_FACTS} facts taken up."


def test_an_endpoint_of_the_same_name_takes_up_what_another_machine_learned(book, store):
    text = book.export()
    elsewhere = other_book(store, {"id-9": "one"})
    assert elsewhere.take_in(text).done
    assert store.get("id-9", "m", "param:temperature")


def test_what_is_of_nobody_expired_or_fixed_here_is_left_out(book, store):
    text = book.export()
    assert not other_book(store, {"id-9": "stranger"}).take_in(text).done
    expired = text.replace('"expires_at": null', '"expires_at": 1.0')
    assert not book.take_in(expired).done
    book.pin("one", "m", "param:temperature")
    outcome = book.take_in(text.replace('"drop"', '"most=5"'))
    assert (outcome.done, book.list()[0].value) == (False, "drop")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"cccc_facts": 2, "facts": []}',
        '{"cccc_facts": 1, "facts": [], "more": 1}',
        '{"cccc_facts": 1, "facts": [{"endpoint": "one"}]}',
        " " * (17 * 1024 * 1024),
    ],
)
def test_what_is_no_export_changes_nothing(book, text):
    before = book.list()
    outcome = book.take_in(text)
    assert not outcome.done
    assert outcome.message.startswith("Nothing is taken up")
    assert book.list() == before


@pytest.mark.parametrize("name, value", [("context_tokens", "many"), ("param:x", "y" * 400)])
def test_a_value_that_would_break_a_request_is_refused(book, store, name, value):
    text = book.export().replace('"param:temperature"', f'"{name}"').replace('"drop"', f'"{value}"')
    assert not book.take_in(text).done


def test_names_that_mean_nothing_here_are_left_out(book, store):
    assert not book.take_in(book.export().replace("param:temperature", "run_this")).done
    assert store.get("id-1", "m", "run_this") is None
