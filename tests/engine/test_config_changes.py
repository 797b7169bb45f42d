from cccc_tui.config.schema import Config, Endpoint, Server
from cccc_tui.engine.config_changes import what_changed

ONE, OTHER = Endpoint(name="one", url="https://x"), Endpoint(name="other", url="https://y")


def test_the_first_configuration_is_counted():
    assert what_changed(None, Config(endpoints=(ONE, OTHER))) == "configuration loaded: 2 endpoints"


def test_a_file_that_was_only_saved_again_changes_nothing():
    config = Config(endpoints=(ONE,))
    assert what_changed(config, config) == "configuration read again: nothing changed"


def test_sections_are_named_and_endpoints_by_their_names():
    before = Config(endpoints=(ONE, OTHER))
    now = Config(server=Server(port=9), endpoints=(ONE, Endpoint(name="third", url="https://z")))
    assert what_changed(before, now) == "configuration reloaded: server, endpoints (other, third) changed"


def test_another_order_is_told_as_one():
    before, now = Config(endpoints=(ONE, OTHER)), Config(endpoints=(OTHER, ONE))
    assert what_changed(before, now) == "configuration reloaded: the order of the endpoints changed"
