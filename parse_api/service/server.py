"""What the server says of itself."""

from __future__ import annotations

from django.db import connection

from parse_api.answers import Answer
from parse_api.caller import Caller
from parse_api.protocol import Call

_SPOKEN_VERSION = "9.10.0"
"""The release of parse-server whose protocol this is; SDKs and dashboards look at it."""
_FEATURES = {
    "globalConfig": {"create": True, "read": True, "update": True, "delete": True},
    "hooks": {"create": False, "read": False, "update": False, "delete": False},
    "cloudCode": {"jobs": False},
    "logs": {"level": False, "size": False, "order": False, "until": False, "from": False},
    "push": {"immediatePush": False, "pushAudiences": False, "localization": False},
    "schemas": {
        "addField": True,
        "removeField": False,
        "addClass": False,
        "removeClass": False,
        "clearAllDataFromClass": False,
        "exportClass": False,
        "editClassLevelPermissions": True,
        "editPointerPermissions": False,
    },
}


def health() -> Answer:
    """Say that the server works, which it does not without its database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return Answer({"status": "ok"})


def info(_call: Call, caller: Caller) -> Answer:
    """Tell the master key what can be done here."""
    caller.need_master()
    return Answer({"features": _FEATURES, "parseServerVersion": _SPOKEN_VERSION})
