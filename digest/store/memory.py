"""What sources wrote down when they were last read: it saves time, and nothing is decided by it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import Engine, delete, insert, select

from digest.store.connecting import one_at_a_time, telling_people
from digest.store.schema import remembered

_PAGE = 500  # rows a statement: well below the number of parameters that a database accepts
_LONGEST_KEY = 500  # characters: what PostgreSQL can surely keep in an index


class SourceMemory:
    """The rows of one source in the table `remembered`; an entry with a key of more than 500 characters is not kept."""

    def __init__(self, engine: Engine, source: str) -> None:
        self._engine = engine
        self._source = source

    def recall(self) -> Mapping[str, str]:
        """Return every entry: key -> text."""
        query = select(remembered.c.key, remembered.c.value).where(remembered.c.source == self._source)
        with telling_people(), self._engine.begin() as connection:
            return {key: value for key, value in connection.execute(query)}  # noqa: C416 - rows are no pairs to mypy

    def remember(self, entries: Mapping[str, str], forgotten: Iterable[str] = ()) -> None:
        """Write entries, over older ones with the same key, and delete others."""
        rows = [
            {"source": self._source, "key": key, "value": value}
            for key, value in entries.items()
            if len(key) <= _LONGEST_KEY
        ]
        outdated = list({*entries, *forgotten})
        with telling_people(), self._engine.begin() as connection:
            one_at_a_time(connection)  # two hosts read the same blog at the same moment
            for start in range(0, len(outdated), _PAGE):
                page = remembered.c.key.in_(outdated[start : start + _PAGE])
                connection.execute(delete(remembered).where(remembered.c.source == self._source, page))
            if rows:
                connection.execute(insert(remembered), rows)
