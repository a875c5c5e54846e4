"""Lists in pages, with links to the next one."""

from __future__ import annotations

from collections.abc import Callable

from services.practice.store import Document
from services.practice.web import Answer, Call

PAGE = 100


def token(call: Call) -> str:
    """The caller's skip token, in either spelling."""
    return call.query.get("$skipToken") or call.query.get("$skiptoken") or call.query.get("skipToken") or ""


def listed(call: Call, found: list[Document], view: Callable[[Document], Document]) -> Answer:
    """A page of documents that were found already."""
    start = int(token(call)) if token(call).isdigit() else 0
    return page(
        call, [view(d) for d in found[start : start + PAGE]], start + PAGE if start + PAGE < len(found) else 0
    )


def stored(call: Call, kind: str, parent: str, view: Callable[[Document], Document]) -> Answer:
    """A page of stored documents of one parent, read from the store page by page."""
    after = int(token(call)) if token(call).isdigit() else 0
    rows = call.store.page(kind, parent, after, PAGE + 1)
    following = rows[PAGE - 1][0] if len(rows) > PAGE else 0
    return page(call, [view(d) for _, d in rows[:PAGE]], following)


def page(call: Call, value: list[Document], following: int | str) -> Answer:
    """The answer, with nextLink only where more follows."""
    body: Document = {"value": value}
    if following:
        kept = {
            k: v for k, v in call.query.items() if k.lower() not in ("api-version", "skiptoken", "$skiptoken")
        }
        body["nextLink"] = call.link(call.url_path, **{**kept, "$skipToken": str(following)})
    return Answer(body=body)
