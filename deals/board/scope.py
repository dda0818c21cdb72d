"""Who looks at the board, under which filter and in which order, and the addresses that keep to it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse

from accounts.models import User
from deals.board.orders import POSITION, Place, order_of
from deals.filters import OTHER, BoardFilter
from deals.models import Deal, DealQuerySet
from deals.stages import Stage
from records.models import FEW

COMPACT = "1"
FOUND_BY = {"q", "owner", "company", "contact"}
"""Filters for which there is an index of its own."""


class Scope:
    """What a query string of the board means to a person."""

    def __init__(self, user: User, query: QueryDict, stages: Iterable[Stage], *, is_shown: bool = True) -> None:
        """Read `query`; `stages` are those of the pipeline as `in_order` gives them.

        `is_shown` says whether the filter is drawn, with all that it offers. `counts` are the deals of the columns that
        were added up already.
        """
        self.user = user
        self.stages = {stage.key: stage for stage in stages}
        self.filters = BoardFilter(query, user=user, stages=self.stages.values(), is_shown=is_shown)
        self.counts: dict[str, int] = {}
        self.order = order_of(query.get("sort", ""))
        self.compact = query.get("compact") == COMPACT
        self.card = query.get("card", "").replace("\x00", "")
        self.rows = cast("DealQuerySet", self.filters.narrow(Deal.objects.for_user(user, "view")))

    @property
    def keys(self) -> list[str]:
        """The keys of all columns, in their order."""
        return [*self.stages, OTHER]

    def is_folded(self, key: str) -> bool:
        """Tell whether a column shows no cards."""
        return key in self.stages and not self.stages[key].is_open

    def of(self, key: str) -> DealQuerySet:
        """Return the deals of a column."""
        return self.filters.filter_stage(self.rows, key)

    def are_few(self, count: int) -> bool:
        """Tell whether so many deals are quicker found and then sorted: not where all of a stage are meant."""
        return self.is_narrow and count <= FEW

    @property
    def is_narrow(self) -> bool:
        """Tell whether the person sees but some of the deals of a stage."""
        return self.is_filtered or not self.user.has_perm("deals.view_deal")

    @property
    def is_found(self) -> bool:
        """Tell whether an index finds the deals that gate and filter leave."""
        return not self.user.has_perm("deals.view_deal") or bool(FOUND_BY & set(self.filters.carried()))

    @property
    def is_filtered(self) -> bool:
        """Tell whether a filter is active."""
        return bool(self.filters.carried())

    def query(self, **changes: str | None) -> str:
        """Return the query string of this board with `changes`; None takes something away."""
        sort = self.order.key if self.order != POSITION else None
        wanted = self.filters.carried() | {"sort": sort, "compact": COMPACT if self.compact else None} | changes
        return urlencode({name: value for name, value in wanted.items() if value})

    def url(self, **changes: str | None) -> str:
        """Return the address of this board with `changes`."""
        query = self.query(**changes)
        return f"{reverse('deals:board')}?{query}" if query else reverse("deals:board")

    def more_url(self, key: str, place: Place) -> str:
        """Return the address of what follows in a column."""
        return f"{reverse('deals:board_cards')}?{self.query(stage=key, after=self.order.cursor(place))}"

    def list_url(self, key: str | None = None) -> str:
        """Return the address of the list under the same filter, of one column or of all."""
        query = self.query(stage=key, sort=None, compact=None)
        return f"{reverse('deals:list')}?{query}" if query else reverse("deals:list")
