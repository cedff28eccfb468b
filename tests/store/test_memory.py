"""What a source writes down is there the next time, and is nobody else's."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from digest.store import Store


def test_what_was_remembered_is_recalled_by_the_same_source_only(store: Store) -> None:
    store.memory("blog").remember({"a.md": "1", "記事.md": '{"題": "x"}', "": "settings"})
    store.memory("news").remember({"a.md": "other"})
    assert store.memory("blog").recall() == {"a.md": "1", "記事.md": '{"題": "x"}', "": "settings"}
    assert store.memory("news").recall() == {"a.md": "other"}
    assert store.memory("nobody").recall() == {}


def test_a_later_entry_takes_the_place_of_an_earlier_one_and_others_can_be_forgotten(store: Store) -> None:
    memory = store.memory("blog")
    memory.remember({"a": "1", "b": "2", "c": "3"})
    memory.remember({"a": "new", "d": "4"}, ["b", "nothing"])
    assert memory.recall() == {"a": "new", "c": "3", "d": "4"}
    memory.remember({}, ["a", "c", "d"])
    assert memory.recall() == {}


def test_a_blog_of_thousands_of_posts_fits(store: Store) -> None:
    entries = {f"_posts/{number}.md": "x" * 700 for number in range(3_000)}
    store.memory("blog").remember(entries)
    store.memory("blog").remember(entries, entries)
    assert store.memory("blog").recall() == entries


def test_an_entry_that_a_database_could_not_index_is_not_kept_and_the_others_are(store: Store) -> None:
    store.memory("blog").remember({"x" * 4_000: "long", "short": "kept"})
    assert store.memory("blog").recall() == {"short": "kept"}


def test_it_outlives_the_process(store_url: str, tmp_path: Path) -> None:
    first = Store(store_url, tmp_path)
    first.memory("blog").remember({"a": "1"})
    first.close()
    second = Store(store_url, tmp_path)
    assert second.memory("blog").recall() == {"a": "1"}
    second.close()


def test_two_hosts_that_read_the_same_blog_at_once_both_remember_it(store: Store) -> None:
    entries = {f"_posts/{number}.md": "x" for number in range(500)}
    backwards = dict(reversed(entries.items()))
    with ThreadPoolExecutor(4) as pool:
        writing = [pool.submit(store.memory("blog").remember, each) for each in (entries, backwards) * 4]
        for each in writing:
            each.result()
    assert store.memory("blog").recall() == entries
