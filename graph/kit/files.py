"""Files shown as links."""

from typing import Any

from graph.kit.field import DerivedSpec, KitField, as_column
from resolvers.kit.scalars import URL
from storage.files import FileStore, content_type_of


def _link(key: str | None, name: str | None = None, content_type: str | None = None, *, files: FileStore) -> URL | None:
    if key is None:
        return None
    kind = content_type or content_type_of(key)
    return URL(files.url(key, name=name or key.rpartition("/")[2], content_type=kind))


def link(key: Any, name: Any = None, content_type: Any = None, *, description: str) -> Any:
    """A link to the file whose key a column holds, null when it holds none; it lives 15 minutes.

    `name` and `content_type` are columns too; without them the file has the name and the kind of its key.
    """
    assert content_type is None or name is not None
    columns = tuple(as_column(column).name for column in (key, name, content_type) if column is not None)
    return KitField(DerivedSpec(columns=columns, compute=_link, files=True), description=description)
