"""Users and roles."""

from __future__ import annotations

import re
import zoneinfo
from functools import reduce
from operator import or_
from typing import Any, ClassVar

import pgtrigger
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, BaseUserManager, Group, PermissionsMixin
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.functional import cached_property

from accounts.api_session import ApiSession as ApiSession
from accounts.held_roles import held_by
from accounts.names import EVERYBODY, MANAGERS, NormalizedName, is_reserved
from accounts.object_id import PATTERN, ObjectIdField, new_object_id
from accounts.stamps import created_at_field, monotonic_update, updated_at_field


def check_time_zone(value: str) -> None:
    """Refuse what is not an IANA time zone of this machine's database."""
    if value not in zoneinfo.available_timezones():
        raise ValidationError("This is not a time zone.", code="time_zone")


class UserQuerySet(models.QuerySet["User"]):
    """Chooses users."""

    def active(self) -> UserQuerySet:
        """Those who may sign in."""
        return self.filter(is_active=True)

    def for_user(self, user: User | AnonymousUser, action: str) -> UserQuerySet:
        """A team sees its directory; a person changes only himself, a manager everybody."""
        if not user.is_active:
            return self.none()
        if action == "view" or user.has_perm(f"accounts.{action}_user"):
            return self
        return self.filter(pk=user.pk)

    def for_picking(self, text: str) -> UserQuerySet:
        """Offer colleagues who may sign in and whose name has `text` in it, in the order of their names."""
        text = text.replace("\x00", "")
        matching = models.Q(display_name__icontains=text) | models.Q(username__icontains=text)
        return self.active().filter(matching).order_by(Lower("display_name"), "username")

    def named(self, name: str) -> UserQuerySet:
        """Those whose username is `name`, in any letter case or Unicode form."""
        return self.alias(username_key=NormalizedName("username")).filter(
            username_key=NormalizedName(models.Value(name))
        )

    def signing_in_as(self, name: str) -> UserQuerySet:
        """Those whom `name` means in a log-in form, at most two: by e-mail address and by username."""
        return self.alias(username_key=NormalizedName("username"), email_key=Lower("email")).filter(
            models.Q(username_key=NormalizedName(models.Value(name))) | models.Q(email_key=Lower(models.Value(name)))
        )

    def with_email(self, email: str) -> UserQuerySet:
        """The one whose e-mail address is `email`, in any letter case."""
        return self.alias(email_key=Lower("email")).filter(email_key=Lower(models.Value(email)))


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]
    """Makes users."""

    def create_user(self, username: str, email: str, password: str | None = None, **fields: Any) -> User:
        """Make a user; without a password nobody can sign in as him."""
        user: User = self.model(username=username, email=email, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, username: str, email: str, password: str | None = None, **fields: Any) -> User:
        """Make a user with every permission."""
        return self.create_user(username, email, password, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> User:
        """Find the one whom `username` names, without regard to letter case."""
        user: User = self.get_queryset().named(username or "").get()
        return user


class User(AbstractBaseUser, PermissionsMixin):
    """A person who can sign in: the Parse class _User.

    Usernames are unique after NFKC and lower-casing, e-mail addresses without regard to case. `acl` is what an app
    sent, kept for it: the directory of a team is open to all of it, and only oneself changes one's account.
    """

    snapshot: str = ""
    """PostgreSQL's (pg_current_snapshot) from when this person was read: what commits later, a page may not show."""

    id = ObjectIdField()
    username = models.CharField(
        max_length=150,
        validators=[UnicodeUsernameValidator()],
        error_messages={"unique": "This username is taken."},
    )
    email = models.EmailField("e-mail address", max_length=254)
    display_name = models.CharField(max_length=150, blank=True, help_text="The name that colleagues see.")
    time_zone = models.CharField(max_length=64, default="UTC", validators=[check_time_zone])
    is_active = models.BooleanField("active", default=True, help_text="Take it away instead of deleting a person.")
    is_demo = models.BooleanField("demo account", default=False, editable=False)
    acl = models.JSONField(default=dict, editable=False)
    created_at = created_at_field()
    updated_at = updated_at_field()

    objects: ClassVar[UserManager] = UserManager()

    EMAIL_FIELD = "email"
    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["email"]

    class Meta:
        """One person per name and address; everybody belongs to the group of everybody."""

        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                NormalizedName("username"),
                name="user_username_unique",
                violation_error_message="This username is taken.",
            ),
            models.UniqueConstraint(
                Lower("email"),
                name="user_email_unique",
                violation_error_message="This e-mail address is taken.",
            ),
            models.CheckConstraint(condition=models.Q(id__regex=PATTERN), name="user_id_form"),
            models.CheckConstraint(condition=~models.Q(username=""), name="user_username_given"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(Lower("display_name"), "id", name="user_by_display_name"),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            monotonic_update(),
            pgtrigger.Trigger(
                name="join_everybody",
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                func=(
                    "INSERT INTO accounts_user_groups (user_id, group_id) "
                    f"SELECT NEW.id, id FROM auth_group WHERE name = '{EVERYBODY}' ON CONFLICT DO NOTHING; "
                    "RETURN NULL;"
                ),
            ),
        ]

    def __str__(self) -> str:
        """Return the name colleagues see."""
        return self.display_name or self.username

    def get_absolute_url(self) -> str:
        """Return the address of one's own profile, the only page about a person."""
        return reverse("accounts:profile")

    def get_full_name(self) -> str:
        """Return the name colleagues see."""
        return str(self)

    def get_short_name(self) -> str:
        """Return the name colleagues see."""
        return str(self)

    def clean(self) -> None:
        """Normalise username and e-mail as they will be compared."""
        super().clean()
        self.email = type(self).objects.normalize_email(self.email)

    @cached_property
    def role_names(self) -> dict[int, str]:
        """Group id to name of every role this person has, through child roles too, everybody's group included."""
        return dict(Group.objects.filter(pk__in=held_by(self.pk)).values_list("pk", "name"))

    @property
    def is_manager(self) -> bool:
        """Tell whether this person has the role `Managers`."""
        return MANAGERS in self.role_names.values()

    @property
    def is_staff(self) -> bool:
        """Tell Django whether this person may enter the admin: managers and superusers."""
        return self.is_superuser or self.is_manager

    @cached_property
    def reader_keys(self) -> list[str]:
        """What this person is called in the `readers` column of a record: himself and his roles."""
        roles = (role_key(pk, name) for pk, name in self.role_names.items())
        return [self.pk, *sorted(roles)]


class AttemptCount(models.Model):
    """How often somebody or some address tried lately (accounts.throttle); the key tells nobody who it was."""

    key = models.CharField(max_length=64, primary_key=True, db_collation="C")
    count = models.PositiveIntegerField()
    last_at = models.DateTimeField(db_index=True)
    blocked_until = models.DateTimeField()

    def __str__(self) -> str:
        """Return the key."""
        return self.key


def role_key(pk: int, name: str) -> str:
    """Return what a role is called in a `readers` column."""
    return EVERYBODY if name == EVERYBODY else f"role:{pk}"


def check_role_name(value: str) -> None:
    """Refuse a role name that has a meaning of its own or characters an access list cannot carry."""
    if is_reserved(value):
        raise ValidationError("This name is reserved.", code="reserved")
    if not re.fullmatch(r"[\w\- ]{1,100}", value) or value != value.strip():
        raise ValidationError("A role's name has letters, digits, blanks, hyphens and underscores.", code="invalid")


def public_acl() -> dict[str, Any]:
    """Return the ACL of a role that everybody may read and nobody change: the master key can."""
    return {EVERYBODY: {"read": True}}


class RoleQuerySet(models.QuerySet["Role"]):
    """Chooses roles."""

    def named(self) -> RoleQuerySet:
        """All but everybody's, which has a name of its own in access lists and no members to speak of."""
        return self.exclude(name=EVERYBODY)

    def open_to(self, user: User | None, right: str) -> RoleQuerySet:
        """Those whose own ACL gives `right`, "read" or "write", to somebody; None is who has not signed in."""
        keys = [EVERYBODY]
        if user is not None:
            keys += [user.pk, *(f"role:{name}" for name in user.role_names.values() if name != EVERYBODY)]
        given = (models.Q(acl__contains={key: {right: True}}) for key in keys)
        return self.named().filter(reduce(or_, given))


class Role(Group):
    """A named set of people to share records with: the Parse class _Role.

    Names never change (access lists carry them) and are unique without regard to case. `acl` says, as Parse writes it,
    who may read and change the role itself over the API. Members of `children` have all rights of this role.
    """

    object_id = models.CharField(max_length=10, unique=True, editable=False, default=new_object_id)
    created_at = created_at_field()
    updated_at = updated_at_field()
    acl = models.JSONField(default=public_acl, editable=False)
    children = models.ManyToManyField("self", symmetrical=False, related_name="parents", blank=True)

    objects: ClassVar[models.Manager[Role]] = models.Manager.from_queryset(RoleQuerySet)()  # type: ignore[assignment]

    class Meta:
        """Kept beside Django's group."""

        verbose_name = "role"
        triggers: ClassVar[list[pgtrigger.Trigger]] = [monotonic_update()]

    def clean(self) -> None:
        """Refuse reserved names and any change of the name."""
        super().clean()
        if self._state.adding:
            check_role_name(self.name)
        elif not Group.objects.filter(pk=self.pk, name=self.name).exists():
            raise ValidationError({"name": "A role keeps its name: access lists carry it."})
