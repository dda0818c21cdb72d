"""The ER diagram: classes as boxes in columns, and a line from each pointer to the class that it names.

A class stands to the right of all that it points at. Each class that is pointed at has a lane of its own above the
boxes: lines to it leave their field to the left, go up beside the column, along the lane and down to its head, so that
no line crosses a box.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from parse_api.classes import CLASSES, Field, Kind, ParseClass

_BOX, _GUTTER, _HEAD, _ROW, _GAP, _LANE, _MARGIN = 176, 46, 30, 22, 28, 12, 12
"""In units of the drawing: widths of a box and of the space before it, heights of its head and of a row, and others."""


@dataclass(frozen=True)
class Row:
    """A field in a box, and its middle."""

    name: str
    type: str
    y: int


@dataclass(frozen=True)
class Box:
    """A class: corner and size, and its rows."""

    name: str
    x: int
    y: int
    height: int
    rows: tuple[Row, ...]
    width: int = _BOX

    @property
    def end(self) -> int:
        """Where it ends on the right."""
        return self.x + self.width

    @property
    def head(self) -> int:
        """The height at which lines reach its head."""
        return self.y + _HEAD // 2


@dataclass(frozen=True)
class Line:
    """From a field to a class; `path` is SVG's, `hue` one of six that tell the targets apart."""

    source: str
    field: str
    target: str
    is_relation: bool
    hue: int
    path: str


@dataclass(frozen=True)
class Diagram:
    """All that is drawn, and how large it is."""

    width: int
    height: int
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]


def diagram(classes: Mapping[str, ParseClass] = CLASSES) -> Diagram:
    """Return the diagram of these classes."""
    lanes = _lanes(classes)
    boxes = _boxes(classes, top=2 * _MARGIN + _LANE * len(lanes))
    lines = tuple(
        Line(each.name, field.name, target, field.kind is Kind.RELATION, 1 + lanes[target] % 6, path)
        for each in classes.values()
        for field in each.fields.values()
        for target in field.targets
        for path in [_path(boxes[each.name], field.name, boxes[target], lanes[target])]
    )
    width = max(box.x + box.width for box in boxes.values()) + _MARGIN
    height = max(box.y + box.height for box in boxes.values()) + _MARGIN
    return Diagram(width, height, tuple(boxes.values()), lines)


def _lanes(classes: Mapping[str, ParseClass]) -> dict[str, int]:
    """Number the classes that are pointed at."""
    targets = (target for each in classes.values() for field in each.fields.values() for target in field.targets)
    return {name: lane for lane, name in enumerate(dict.fromkeys(targets))}


def _rank(name: str, classes: Mapping[str, ParseClass]) -> int:
    """Return the column of a class: the one after those of all that it points at."""
    targets = {target for field in classes[name].fields.values() for target in field.targets} - {name}
    return 1 + max((_rank(target, classes) for target in targets), default=-1)


def _boxes(classes: Mapping[str, ParseClass], top: int) -> dict[str, Box]:
    boxes: dict[str, Box] = {}
    bottoms: dict[int, int] = {}
    for name, parse_class in classes.items():
        rank = _rank(name, classes)
        y = bottoms.get(rank, top - _GAP) + _GAP
        rows = tuple(
            Row(field.name, _type(field), y + _HEAD + _ROW * number + _ROW // 2)
            for number, field in enumerate(parse_class.fields.values())
        )
        boxes[name] = Box(name, _GUTTER + rank * (_BOX + _GUTTER), y, _HEAD + _ROW * len(rows) + 6, rows)
        bottoms[rank] = y + boxes[name].height
    return boxes


def _type(field: Field) -> str:
    return " | ".join(field.targets) if field.targets else field.kind.wire_type


def _path(source: Box, field: str, target: Box, lane: int) -> str:
    """Return the way of a line; the last stretch leads to the head of the target from the left."""
    y = next(row.y for row in source.rows if row.name == field)
    along, beside = _MARGIN + _LANE * lane, 8 + 8 * lane
    return f"M{source.x} {y}H{source.x - beside}V{along}H{target.x - beside}V{target.head}H{target.x - 2}"
