"""The rules of the code that a reader would have to trust, checked on the source itself."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = (
    "accounts",
    "records",
    "companies",
    "contacts",
    "deals",
    "activities",
    "parse_api",
    "developers",
    "crm_site",
)
RECORD_CLASSES = {"Company", "Contact", "Deal", "Activity", "model"}
REVERSE = {"companies", "contacts", "deals", "activities"}
MANAGERS = {"objects", "_default_manager", "_base_manager"}
GATED = {"get_record": 0}
"""Functions that apply the gate to the queryset in this place of theirs; all pages get theirs as `records=`."""
UNGATED = {
    ("parse_api/access.py", "_every_row", "model.objects.all"),  # the master key; roles have no gate of their own
    ("records/restore.py", "record_restore", "model.objects.get"),  # brought back a line above, by who may
    ("records/restore.py", "restore", "other.objects.filter"),  # rows that the deletion itself had changed
    ("records/consequences.py", "_line", "rows.count"),  # only to mention that there are others
}
MAX_LINES = 400


class Source(NamedTuple):
    """A file and what is in it."""

    path: str
    tree: ast.Module


def sources(*places: str) -> list[Source]:
    """Return every module of ours below these directories but migrations."""
    files = (file for place in places for file in sorted((ROOT / place).rglob("*.py")))
    wanted = (file for file in files if "migrations" not in file.parts)
    return [Source(str(file.relative_to(ROOT)), ast.parse(file.read_text())) for file in wanted]


CODE = sources(*PACKAGES)
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))


def answers_requests(source: Source) -> bool:
    """Tell whether a module reads records for somebody: a view, or what a page calls."""
    if source.path.startswith("parse_api/"):
        return True
    if re.search(r"admin|resources|imports?[/.]|exports|management", source.path):
        return False  # Django's admin and commands have a gate of their own, tested in tests/admin
    taken = {
        argument.arg
        for node in ast.walk(source.tree)
        if isinstance(node, ast.FunctionDef)
        for argument in (*node.args.args, *node.args.kwonlyargs)
    }
    return bool(taken & {"request", "context"}) or source.path.endswith("views.py")


def parents(tree: ast.AST) -> dict[ast.AST, ast.AST]:
    """Return what each node of a tree stands in."""
    return {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}


def reads(tree: ast.AST) -> Iterator[ast.Attribute]:
    """Yield where a tree reaches for the rows of a record class: `Deal.objects`, `company.deals`."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Attribute):
            continue
        last = node.value.id if isinstance(node.value, ast.Name) else ""
        if (node.attr in MANAGERS and last in RECORD_CLASSES) or (node.attr in REVERSE and last):
            yield node


def chain(node: ast.AST, above: dict[ast.AST, ast.AST]) -> tuple[list[str], ast.AST]:
    """Return the names of the methods called on a manager, and the whole expression."""
    names = []
    while True:
        outer = above.get(node)
        if isinstance(outer, ast.Attribute) and outer.value is node:
            names.append(outer.attr)
        elif not (isinstance(outer, ast.Call) and outer.func is node):
            return names, node
        node = outer


def is_gated(names: list[str], whole: ast.AST, above: dict[ast.AST, ast.AST]) -> bool:
    """Tell whether rows pass the gate first of all, or are handed to what passes them through it."""
    if names[:1] in (["for_user"], ["none"]):
        return True
    outer = above.get(whole)
    if isinstance(outer, ast.keyword):
        return outer.arg == "records"
    called = outer.func.id if isinstance(outer, ast.Call) and isinstance(outer.func, ast.Name) else ""
    return called in GATED and isinstance(outer, ast.Call) and outer.args[GATED[called]] is whole


def function_of(node: ast.AST, above: dict[ast.AST, ast.AST]) -> str:
    """Return the name of the function that a node is in."""
    while node in above:
        node = above[node]
        if isinstance(node, ast.FunctionDef):
            return node.name
    return ""


def ungated(source: Source) -> Iterator[str]:
    """Yield each read of records in a module that does not start with the gate."""
    above = parents(source.tree)
    for node in reads(source.tree):
        names, whole = chain(node, above)
        where = (source.path, function_of(node, above), f"{ast.unparse(node)}.{names[0] if names else ''}")
        if where not in UNGATED and not is_gated(names, whole, above):
            yield f"{source.path}:{node.lineno}: {ast.unparse(whole)}"


def test_every_read_starts_with_the_gate() -> None:
    views = [source for source in CODE if answers_requests(source)]
    assert {"companies/views.py", "deals/views.py", "records/pages.py", "crm_site/views.py"} <= {
        source.path for source in views
    }
    assert [line for source in views for line in ungated(source)] == []


@pytest.mark.parametrize(
    ("code", "is_refused"),
    [
        ("Deal.objects.for_user(user, 'view').filter(x=1)", False),
        ("get_record(Deal.objects.select_for_update(), user, pk, 'view')", False),
        ("record_edit(request, records=Deal.objects.all(), pk=pk)", False),
        ("company.deals.for_user(user, 'view')", False),
        ("Deal.objects.filter(pk=pk)", True),
        ("Deal.objects.all().for_user(user, 'view')", True),
        ("Deal._default_manager.get(pk=pk)", True),
        ("company.deals.all()", True),
        ("get_record(x, Deal.objects.all())", True),
        ("render(request, {'records': Deal.objects.all()})", True),
        ("rows = Deal.objects", True),
    ],
)
def test_rule_of_the_gate_tells_good_from_bad(code: str, is_refused: bool) -> None:  # noqa: FBT001
    assert bool(list(ungated(Source("x.py", ast.parse(code))))) is is_refused


def test_files_are_short_and_say_what_they_are_for() -> None:
    files = [*CODE, *sources("tests")]
    assert [source.path for source in files if source.tree.body and not ast.get_docstring(source.tree)] == []
    lengths = {path: len((ROOT / path).read_text().splitlines()) for path, _tree in files}
    assert {path: length for path, length in lengths.items() if length > MAX_LINES} == {}


def test_no_test_is_skipped() -> None:
    marks = re.compile(r"pytest\.(mark\.)?(skip|skipif|xfail|importorskip)\b|\.skipTest\(")
    tests = [source for source in sources("tests") if source.path != "tests/test_conventions.py"]
    assert [source.path for source in tests if marks.search(ast.unparse(source.tree))] == []


def declared_safe(tree: ast.AST) -> Iterator[ast.Call]:
    """Yield each call that says of a text made at run time that it is HTML."""
    declaring = re.compile(r"(.*\.)?(mark_safe|SafeString|SafeText)")
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not declaring.fullmatch(ast.unparse(node.func)):
            continue
        if not isinstance(node.args[0], ast.Constant):
            yield node


def test_no_code_declares_user_data_safe() -> None:
    assert [f"{path}:{node.lineno}" for path, tree in CODE for node in declared_safe(tree)] == []


def test_no_template_declares_user_data_safe() -> None:
    found = {
        (str(file.relative_to(ROOT / "templates")), line.strip())
        for file in TEMPLATES
        for line in file.read_text().splitlines()
        if re.search(r"\|\s*(safe|safeseq)\b|autoescape\s+off|truncat\w+_html|\|urlize", line)
    }
    # the help of a field is written by us; so does Django's own template
    assert {(name, re.sub(r".*({{[^}]*safe).*", r"\1", line)) for name, line in found} == {
        ("django/forms/field.html", "{{ field.help_text|safe")
    }


INLINE = {
    "a style": re.compile(r"<style|\sstyle\s*=", re.IGNORECASE),
    "a script": re.compile(r"<script(?![^>]*\ssrc=)", re.IGNORECASE),
    "a handler": re.compile(r"\s(on\w+|hx-on[\w:-]*)\s*=", re.IGNORECASE),
    "an evaluated value": re.compile(r"hx-(vals|headers)=['\"]\s*(js|javascript):", re.IGNORECASE),
    "a javascript address": re.compile(r"(href|src|action)\s*=\s*['\"]\s*javascript:", re.IGNORECASE),
}


@pytest.mark.parametrize("what", INLINE)
def test_no_template_has_inline_code(what: str) -> None:
    assert [file.name for file in TEMPLATES if INLINE[what].search(_without_comments(file))] == []


def test_every_form_that_posts_has_a_token() -> None:
    forms = re.compile(r"<form\b[^>]*?method=\"post\".*?</form>", re.DOTALL | re.IGNORECASE)
    bare = [
        file.name
        for file in TEMPLATES
        for form in forms.findall(_without_comments(file))
        if "{% csrf_token %}" not in form
    ]
    assert bare == []


def test_partials_have_the_name_of_their_root() -> None:
    found = 0
    for file in TEMPLATES:
        for name, root in re.findall(r"{% partialdef ([\w-]+) inline %}\s*(<[^>]*>)", file.read_text()):
            assert f'id="{name}"' in root, file
            found += 1
        assert len(re.findall(r"{% partialdef ", file.read_text())) == len(
            re.findall(r"{% partialdef [\w-]+ inline %}", file.read_text())
        )
    assert found >= 5


def test_links_that_leave_the_site_take_nothing_along() -> None:
    links = re.compile(r"<a\b[^>]*target=\"_blank\"[^>]*>", re.DOTALL)
    for file in TEMPLATES:
        for link in links.findall(file.read_text()):
            assert 'rel="noopener noreferrer nofollow"' in link, file


def _without_comments(file: Path) -> str:
    return re.sub(r"{% comment %}.*?{% endcomment %}|{#.*?#}", "", file.read_text(), flags=re.DOTALL)
