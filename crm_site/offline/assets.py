"""The files that a device keeps, and the version they make together."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import ManifestFilesMixin, staticfiles_storage
from django.templatetags.static import static

KEPT = ("css/*.css", "js/*.js", "icons/*.png", "*.svg", "vendor/*/*.woff2", "vendor/*/*.svg", "vendor/*/*.min.js")
NOT_KEPT = ("css/admin", "js/admin", "vendor/graphiql", "vendor/react")
PACKAGED = ("django_htmx/htmx-2.min.js",)
WORKER = ("store", "shell", "whose", "keep", "kept", "read", "entry", "send", "replay", "tell", "listen")
"""The scripts of the worker in the order they are read; each is below `static/worker/`."""


class Shell(NamedTuple):
    """The addresses of the files that pages are made of, and the version they have together."""

    version: str
    files: tuple[str, ...]
    worker: tuple[str, ...]


@cache
def shell() -> Shell:
    """Return what is kept. Its version is another one when a file, a script of the worker or a template is."""
    root = Path(settings.STATICFILES_DIRS[0])
    names = sorted({str(file.relative_to(root)) for pattern in KEPT for file in root.glob(pattern)})
    names = [*(name for name in names if not name.startswith(NOT_KEPT)), *PACKAGED]
    worker = [f"worker/{name}.js" for name in WORKER]
    digest = hashlib.sha256()
    for file in [*map(_found, [*names, *worker]), *_templates()]:
        digest.update(file.read_bytes())
    return Shell(digest.hexdigest()[:20], tuple(map(static, names)), tuple(map(static, worker)))


def names_are_hashed() -> bool:
    """Tell whether an address always stands for the same content, so that what the browser has will do."""
    return isinstance(staticfiles_storage, ManifestFilesMixin)


def _found(name: str) -> Path:
    return Path(str(finders.find(name)))


def _templates() -> list[Path]:
    return sorted((Path(settings.BASE_DIR) / "templates").rglob("*.html"))
