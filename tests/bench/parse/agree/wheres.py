"""Random conditions, the same for the same seed: every operator that both servers know, on values that are there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from tests.bench.parse.agree.asking import Talk
from tests.bench.parse.agree.reads import CLASSES, PAGE, cursor, global_id

_TEXTS = {
    "Company": ("name", "industry", "website", "notes"),
    "Contact": ("name", "email", "phone", "notes"),
    "Deal": ("title", "stage", "lostReason"),
    "Activity": ("type", "subject", "description"),
}
_DATES = {
    "Company": ("createdAt", "updatedAt"),
    "Contact": ("createdAt",),
    "Deal": ("expectedCloseDate", "createdAt", "updatedAt"),
    "Activity": ("dueDate", "completedAt", "createdAt"),
}
_POINTERS = {
    "Company": {},
    "Contact": {"company": "Company"},
    "Deal": {"company": "Company", "contact": "Contact"},
    "Activity": {"relatedTo": "Deal"},
}
"""Which are followed, and where they lead; there is one in every row but for those of activities."""
_OPTIONAL = {"website", "notes", "lostReason", "completedAt"}
"""Fields without a value in some rows, for which the servers mean different things by NOR and by an empty list."""
_COMPARED = ("lessThan", "lessThanOrEqualTo", "greaterThan", "greaterThanOrEqualTo")
_DEEPEST = 3


class Writer:
    """Makes lists of one conversation."""

    def __init__(self, talk: Talk, seed: int) -> None:
        """Begin with the rows that the conversation is about."""
        self._talk = talk
        self._random = Random(seed)  # noqa: S311 - the same questions each time
        self._is_denied = False

    def ask(self) -> None:
        """Ask for one list."""
        name = self._random.choice(list(CLASSES))
        where = self.where(name)
        if name == "Activity":  # in ours, others are about contacts
            where = {"AND": [where, {"relatedTo": {"have": {}}}]}
        arguments = f"where: $w, order: [{self._order(name)}objectId_ASC]{self._cut()}"
        text = f"query ($w: {name}WhereInput) {{ {CLASSES[name]}({arguments}) {{ {self._shown(name)} }} }}"
        people = self._talk.people
        self._talk.ask(text, {"w": where}, who=self._random.choice((people.first, people.first, people.second)))

    def where(self, class_name: str, depth: int = 0) -> dict[str, Any]:
        """Return a condition on a class."""
        kinds = [self._text, self._text, self._date, self._id, self._branch, self._pointer]
        kinds += [self._number] if class_name == "Deal" else []
        parts = [self._random.choice(kinds)(class_name, depth) for _ in range(self._random.choice((1, 1, 1, 2)))]
        found = {key: value for part in parts for key, value in part.items()}
        if "id" in found:
            found.pop("objectId", None)  # parse-server takes one of both
        return found

    def _field(self, names: Sequence[str]) -> str:
        return self._random.choice([each for each in names if not (self._is_denied and each in _OPTIONAL)])

    def _values(self, class_name: str, field: str) -> list[Any]:
        return [row[field] for row in self._talk.rows[class_name] if row.get(field) is not None]

    def _text(self, class_name: str, _depth: int) -> dict[str, Any]:
        field = self._field(_TEXTS[class_name])
        known = self._values(class_name, field) or ["x"]
        some = [self._random.choice(known) for _ in range(self._random.randint(1, 3))]
        words = self._random.choice(some).split()
        return {
            field: self._random.choice(
                [
                    {"equalTo": some[0]},
                    {"notEqualTo": some[0]},
                    {"in": some},
                    {"in": [] if field not in _OPTIONAL else some},
                    {"notIn": some, "exists": True},
                    {self._random.choice(_COMPARED): some[0]},
                    {"greaterThan": min(some), "lessThanOrEqualTo": max(some)},
                    {"exists": self._random.random() < 0.5},
                    {"matchesRegex": f"^{words[0]}"},
                    {"matchesRegex": words[-1].lower(), "options": "i"},
                    {"matchesRegex": f"{words[-1][-3:]}$"},
                    {"equalTo": some[0], "in": some},
                ]
            )
        }

    def _date(self, class_name: str, _depth: int) -> dict[str, Any]:
        field = self._field(_DATES[class_name])
        found = self._random.choice(self._values(class_name, field) or ["2026-01-01T00:00:00.000Z"])
        iso = found["iso"] if isinstance(found, Mapping) else found
        value = self._random.choice([iso, iso, {"__type": "Date", "iso": iso}])
        kinds = [{each: value} for each in _COMPARED]
        return {field: self._random.choice([*kinds, {"exists": True}, {"exists": False}])}

    def _number(self, class_name: str, _depth: int) -> dict[str, Any]:
        some = sorted(self._random.choice(self._values(class_name, "amount")) for _ in range(3))
        kinds: list[dict[str, Any]] = [{each: some[0]} for each in (*_COMPARED, "equalTo", "notEqualTo")]
        kinds += [{"in": some}, {"notIn": some}, {"greaterThan": some[0], "lessThan": some[2]}, {"lessThan": 0.5}]
        return {"amount": self._random.choice([*kinds, {"greaterThan": 0}, {"exists": True}, {"equalTo": 1e15}])}

    def _id(self, class_name: str, _depth: int) -> dict[str, Any]:
        some = [self._random.choice(self._values(class_name, "objectId")) for _ in range(3)]
        ids = [global_id(class_name, some[0]), *some[1:]]
        kinds = ["equalTo", "notEqualTo", *_COMPARED]
        one = {self._random.choice(kinds): some[0]}
        name = self._random.choice(["id", "objectId"])
        listed = {self._random.choice(["in", "notIn"]): ids if name == "id" else some}
        return {
            name: self._random.choice([one, listed, {"equalTo": ids[0]} if name == "id" else one, {"exists": True}])
        }

    def _branch(self, class_name: str, depth: int) -> dict[str, Any]:
        if depth >= _DEEPEST:
            return self._text(class_name, depth)
        kind, was_denied = self._random.choice(["OR", "AND", "NOR"]), self._is_denied
        self._is_denied |= kind == "NOR"
        found = {kind: [self.where(class_name, depth + 1) for _ in range(self._random.randint(1, 3))]}
        self._is_denied = was_denied
        return found

    def _pointer(self, class_name: str, depth: int) -> dict[str, Any]:
        pointers = _POINTERS[class_name]
        if not pointers or depth >= _DEEPEST:
            return self._text(class_name, depth)
        name = self._random.choice(list(pointers))
        inner = self.where(pointers[name], depth + 1)
        if name == "relatedTo":
            return {name: {"have": inner}}
        return {name: self._random.choice([{"have": inner}, {"have": inner}, {"haveNot": inner}, {"exists": True}])}

    def _order(self, class_name: str) -> str:
        name = self._random.choice([*_TEXTS[class_name], *_DATES[class_name]])
        return self._random.choice(["", f"{name}_ASC, ", f"{name}_DESC, "])

    def _cut(self) -> str:
        place = self._random.randint(0, 6)
        ways = ["first: 5", "first: 3, skip: 2", "last: 3", f'after: "{cursor(place)}", first: 4', "first: 20"]
        return ", " + self._random.choice([*ways, f'before: "{cursor(place)}"', f"skip: {place}, first: 6, last: 2"])

    def _shown(self, class_name: str) -> str:
        fields = [*_TEXTS[class_name], *_DATES[class_name], "id", "__typename", *_deeper(class_name)]
        some = self._random.sample(fields, self._random.randint(1, len(fields)))
        parts = ["count", f"edges {{ cursor node {{ objectId {' '.join(some)} }} }}", PAGE]
        return self._random.choice([" ".join(parts), " ".join(parts), parts[0], f"a: {parts[0]} {parts[1]}", parts[1]])


def _deeper(class_name: str) -> list[str]:
    owner = "assignedTo" if class_name == "Deal" else "createdBy"
    found = [f"{owner} {{ username }}", f"o: {owner} {{ id objectId }}"]
    for name, target in _POINTERS[class_name].items():
        if name != "relatedTo":
            found.append(f"{name} {{ objectId {' '.join(_TEXTS[target])} createdBy {{ username }} }}")
    return found
