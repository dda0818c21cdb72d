"""The class table: every class of the protocol, its model, and the column of each of its fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from django.contrib.auth.models import Group
from django.db.models import Model

from accounts.models import ApiSession, Role, User
from activities.models import Activity
from companies.models import Company
from contacts.models import Contact
from deals.models import Deal
from parse_api.errors import Code, ParseError
from parse_api.models import Installation


class Kind(StrEnum):
    """How a field is written: one codec each."""

    STRING = "String"
    NUMBER = "Number"
    DATE = "Date"
    STAMP = "stamp"
    POINTER = "Pointer"
    RELATION = "Relation"
    OBJECT = "Object"
    ACL = "ACL"
    SELF_ACL = "ACL of a user"

    @property
    def wire_type(self) -> str:
        """The type that a schema names."""
        return "Date" if self is Kind.STAMP else self.value.split()[0]


@dataclass(frozen=True, eq=False)
class Field:
    """One field: its name on the wire, its kind, and the column that holds it.

    `targets` maps each class a pointer may name to the column that holds its objectId, or names the class of a
    relation. `is_private` is shown only to the user himself and with the master key; by `is_protected` nobody but the
    master key may search or sort. `is_blank_absent`: the column has "" where there is no value.
    """

    name: str
    kind: Kind
    column: str = ""
    targets: Mapping[str, str] = field(default_factory=dict)
    is_required: bool = False
    is_private: bool = False
    is_protected: bool = False
    is_blank_absent: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that the field needs."""
        if self.kind is Kind.POINTER:
            return tuple(self.targets.values())
        return (self.column,) if self.column else ()


@dataclass(frozen=True, eq=False)
class ParseClass:
    """One class: its name on the wire, its model and its fields by name; `id_column` holds the objectId."""

    name: str
    model: type[Model]
    fields: Mapping[str, Field]
    id_column: str = "id"

    def columns_of(self, names: frozenset[str]) -> list[str]:
        """Return the columns of these fields and of the objectId, each once, in the order of the table."""
        columns = [column for name, each in self.fields.items() if name in names for column in each.columns]
        return list(dict.fromkeys([self.id_column, *columns]))


def _text(name: str, column: str = "", *, required: bool = False) -> Field:
    return Field(name, Kind.STRING, column or name, is_required=required)


def _date(name: str, column: str) -> Field:
    return Field(name, Kind.DATE, column)


def _pointer(name: str, **targets: str) -> Field:
    return Field(name, Kind.POINTER, targets={_USER if key == "User" else key: value for key, value in targets.items()})


_USER = "_User"
FIXED = ("objectId", "createdAt", "updatedAt", "ACL")
"""Fields that every answer has."""
_RECORD_ACL = Field("ACL", Kind.ACL, "acl")
_CREATED_BY = _pointer("createdBy", User="created_by_id")


def _class(
    name: str, model: type[Model], *fields: Field, id_column: str = "id", acl: Field | None = _RECORD_ACL
) -> ParseClass:
    fixed = (
        Field("objectId", Kind.STRING, id_column),
        Field("createdAt", Kind.STAMP, "created_at"),
        Field("updatedAt", Kind.STAMP, "updated_at"),
    )
    last = () if acl is None else (acl,)
    return ParseClass(name, model, {each.name: each for each in (*fixed, *fields, *last)}, id_column)


CLASSES: Mapping[str, ParseClass] = {
    each.name: each
    for each in (
        _class(
            _USER,
            User,
            _text("username", required=True),
            Field("email", Kind.STRING, "email", is_required=True, is_private=True, is_protected=True),
            Field("displayName", Kind.STRING, "display_name", is_blank_absent=True),
            acl=Field("ACL", Kind.SELF_ACL, "acl", is_private=True),
        ),
        _class(
            "_Role",
            Role,
            _text("name", required=True),
            Field("users", Kind.RELATION, targets={_USER: ""}),
            Field("roles", Kind.RELATION, targets={"_Role": ""}),
            id_column="object_id",
        ),
        _class(
            "Company",
            Company,
            _text("name", required=True),
            _text("website"),
            _text("industry"),
            _text("address"),
            _text("notes"),
            _CREATED_BY,
        ),
        _class(
            "Contact",
            Contact,
            _text("name", required=True),
            _text("email"),
            _text("phone"),
            _pointer("company", Company="company_id"),
            _text("notes"),
            _CREATED_BY,
        ),
        _class(
            "Deal",
            Deal,
            _text("title", required=True),
            Field("amount", Kind.NUMBER, "amount"),
            _text("stage"),
            _pointer("contact", Contact="contact_id"),
            _pointer("company", Company="company_id"),
            _date("expectedCloseDate", "expected_close_date"),
            _text("notes"),
            _pointer("assignedTo", User="assigned_to_id"),
            _text("lostReason", "lost_reason"),
        ),
        _class(
            "Activity",
            Activity,
            _text("type"),
            _text("subject"),
            _text("description"),
            _date("dueDate", "due_date"),
            _date("completedAt", "completed_at"),
            _pointer("relatedTo", Contact="related_contact_id", Deal="related_deal_id"),
            _CREATED_BY,
        ),
    )
}
SESSION = _class(
    "_Session",
    ApiSession,
    _pointer("user", User="user_id"),
    Field("installationId", Kind.STRING, "installation_id", is_blank_absent=True),
    _date("expiresAt", "expires_at"),
    Field("createdWith", Kind.OBJECT, "created_with"),
    acl=None,
)
INSTALLATION = _class(
    "_Installation",
    Installation,
    _text("installationId", "installation_id"),
    _text("deviceToken", "device_token"),
    _text("deviceType", "device_type"),
    Field("more", Kind.OBJECT, "more"),
    acl=None,
)
"""Classes with endpoints of their own, which no pointer and no sub-query names; "more" holds the fields that an app
chose, and never goes out under this name."""
ALL: Mapping[str, ParseClass] = {**CLASSES, **{each.name: each for each in (SESSION, INSTALLATION)}}
"""Every class."""
MEMBERSHIPS = User.groups.through
"""Who is in which role; a role is a group."""
CHILD_ROLES = Role.children.through
"""Whose members are in which role as well: `from_role` has `to_role` as a child."""
ROLE_KEY = Group._meta.pk.name


def class_named(name: str, among: type[Model] = Model) -> ParseClass:
    """Return the class of that name whose model is one of `among`; raises ParseError 119 when there is none."""
    found = CLASSES.get(name)
    if found is None or not issubclass(found.model, among):
        raise ParseError(Code.FORBIDDEN, "There is no such class for apps.")
    return found
