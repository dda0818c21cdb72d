"""Makes the data of the benchmark straight in SQL, with the access columns by the very expressions of the product."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator

from records.implied import ACTIVITY, COMPANY, CONTACT, DEAL, KINDS, Kind, acl, readers
from tests.bench.bare import bare, execute
from tests.bench.sizes import Size

_FIRST = (
    "Ada Amir Ana Bela Carlos Chen Dana Deniz Elif Emil Farah Finn Grace Hana Hugo Ida Ivan Jana Jonas Kofi Lara Leon "
    "Lina Luca Maja Marco Mina Nadia Nils Noor Olga Omar Petra Priya Rafael Rosa Samira Sven Tariq Vera Wei Yuki Zoe"
)
_LAST = (
    "Adeyemi Almeida Andersen Bakker Bianchi Castillo Chaudhry Dubois Eriksen Fischer Garcia Haddad Horvat Ivanova "
    "Jansen Kaya Keller Kim Kowalski Larsen Lindgren Mensah Moreau Nakamura Novak Okafor Patel Pereira Quinn Rossi "
    "Santos Schmidt Silva Tanaka Torres Uddin Varga Wagner Weber Yilmaz Zhang"
)
_FIRMS = (
    "Alder Birch Cobalt Delta Ember Fjord Granite Harbor Indigo Juniper Karst Lumen Meadow Nimbus Onyx Pioneer Quartz"
)
_TRADES = (
    "Foods Freight Glass Hotels Instruments Labs Logistics Metals Mills Motors Optics Paper Pharma Press Steel Toys"
)
_THINGS = "Scanner Printer Sensor Terminal Gateway Label Licence Support Antenna Cabinet Loader Tracker"
_KINDS = "rollout renewal pilot upgrade extension rental"

_FUNCTIONS = """
CREATE OR REPLACE FUNCTION pg_temp.oid(kind text, n bigint) RETURNS text IMMUTABLE PARALLEL SAFE LANGUAGE sql AS
$$ SELECT left(translate(encode(sha256((kind || n)::bytea), 'base64'), '+/=', 'xyz'), 10) $$;
CREATE OR REPLACE FUNCTION pg_temp.dice(what text, n bigint) RETURNS float8 IMMUTABLE PARALLEL SAFE LANGUAGE sql AS
$$ SELECT ((hashtextextended(what, n) & 1073741823)::float8 / 1073741824) $$;
CREATE OR REPLACE FUNCTION pg_temp.word(words text[], what text, n bigint) RETURNS text IMMUTABLE LANGUAGE sql AS
$$ SELECT words[1 + floor(pg_temp.dice(what, n) * cardinality(words))::int] $$;
"""


def words(text: str) -> str:
    """Return the words as an SQL array."""
    return f"'{{{','.join(text.split())}}}'::text[]"


def generate(size: Size) -> None:
    """Fill an empty, migrated database."""
    execute(_FUNCTIONS)
    for statement in _people(size):
        execute(statement)
    tables = [table for kind in KINDS for table in (kind.table, f"{kind.table}usergrant", f"{kind.table}groupgrant")]
    with bare([*tables, "records_change", "deals_stagechange"]) as restore:
        for statement in [*_companies(size), *_contacts(size), *_deals(size), *_activities(size), *_touches()]:
            _step(statement)
        for kind in (DEAL, CONTACT, COMPANY, ACTIVITY):
            for statement in [*_grants(kind), *_overview(size, kind)]:
                _step(statement)
            restore(f"{kind.table}usergrant")
            restore(f"{kind.table}groupgrant")
            _step(_pour(kind))
            restore(kind.table)
        for statement in _logs():
            _step(statement)
    for table in [*tables, "records_change", "deals_stagechange", "accounts_user", "accounts_user_groups"]:
        execute(f"VACUUM (ANALYZE) {table}")


def _step(statement: str) -> None:
    start = time.monotonic()
    execute(statement)
    label = " ".join(statement.split()[:4])
    sys.stderr.write(f"  {time.monotonic() - start:6.1f} s  {label}\n")


def _people(size: Size) -> Iterator[str]:
    yield f"""
        INSERT INTO accounts_user (id, username, email, display_name, time_zone, is_active, is_superuser, is_demo,
            password, acl)
        SELECT pg_temp.oid('user', n), 'agent' || n, 'agent' || n || '@example.com',
            pg_temp.word({words(_FIRST)}, 'first', n) || ' ' || pg_temp.word({words(_LAST)}, 'last', n),
            'UTC', true, false, false, '!', '{{}}'::jsonb
        FROM generate_series(1, {size.users}) n
        UNION ALL SELECT pg_temp.oid('user', 0), 'manager', 'manager@example.com', 'Mira Manager', 'UTC', true, false,
            false, '!', '{{}}'::jsonb"""
    yield """
        INSERT INTO accounts_user_groups (user_id, group_id)
        SELECT pg_temp.oid('user', 0), id FROM auth_group WHERE name = 'Managers'"""
    yield "INSERT INTO auth_group (name) SELECT 'Team ' || n FROM generate_series(1, 10) n"
    yield """
        INSERT INTO accounts_role (group_ptr_id, object_id, acl)
        SELECT id, pg_temp.oid('role', id), '{"*": {"read": true}}' FROM auth_group WHERE name LIKE 'Team %'"""
    yield f"""
        INSERT INTO accounts_user_groups (user_id, group_id)
        SELECT pg_temp.oid('user', n), q.id FROM generate_series(1, {size.users}) n
        JOIN auth_group q ON q.name = 'Team ' || (1 + n % 10)"""


def _owner(size: Size) -> str:
    """SQL for an owner's number: one in fifty has five times as much as the others."""
    heavy = max(1, size.users // 50)
    total = size.users + 4 * heavy
    return f"""(CASE WHEN x.d * {total} < {5 * heavy} THEN 1 + floor(x.d * {total} / 5)
        ELSE 1 + {heavy} + floor(x.d * {total} - {5 * heavy}) END)::int"""


def _companies(size: Size) -> Iterator[str]:
    yield f"""
        CREATE TEMP TABLE b_company AS
        SELECT n, pg_temp.oid('company', n) AS id, pg_temp.oid('user', o) AS created_by_id, o AS owner,
            pg_temp.word({words(_FIRMS)}, 'firm', n) || ' ' || pg_temp.word({words(_TRADES)}, 'trade', n) || ' ' || n
                AS name,
            pg_temp.word({words(_TRADES)}, 'trade', n) AS industry,
            date_trunc('milliseconds', now() - interval '1095 days' * pg_temp.dice('company age', n)) AS created_at
        FROM (SELECT n, {_owner(size)} AS o FROM generate_series(1, {size.companies}) n,
            LATERAL (SELECT pg_temp.dice('owner', n) AS d) x) c"""
    yield "CREATE UNIQUE INDEX ON b_company (n)"


def _contacts(size: Size) -> Iterator[str]:
    yield f"""
        CREATE TEMP TABLE b_contact AS
        SELECT s.n, pg_temp.oid('contact', s.n) AS id, c.created_by_id, c.owner, c.id AS company_id, c.name AS company,
            pg_temp.word({words(_FIRST)}, 'cf', s.n) || ' ' || pg_temp.word({words(_LAST)}, 'cl', s.n) AS name,
            'person' || s.n || '@example.com' AS email, '+1 555 ' || lpad(s.n::text, 7, '0') AS phone,
            date_trunc('milliseconds', c.created_at + (now() - c.created_at) * pg_temp.dice('contact age', s.n))
                AS created_at
        FROM generate_series(1, {size.contacts}) s(n)
        JOIN b_company c ON c.n = 1 + floor(pg_temp.dice('contact company', s.n) * {size.companies})::int"""
    yield "CREATE UNIQUE INDEX ON b_contact (n)"


def _deals(size: Size) -> Iterator[str]:
    """One deal in five is open, and those are young; one in ten is a colleague's of the one whose contact it names."""
    yield f"""
        CREATE TEMP TABLE b_deal AS
        SELECT s.n, pg_temp.oid('deal', s.n) AS id, age, c.company_id, c.id AS contact_id,
            CASE WHEN pg_temp.dice('foreign', s.n) < 0.1
                THEN 1 + floor(pg_temp.dice('deal owner', s.n) * {size.users})::int ELSE c.owner END AS owner,
            pg_temp.word({words(_THINGS)}, 'thing', s.n) || ' ' || pg_temp.word({words(_KINDS)}, 'kind', s.n)
                || ' for ' || c.company || ' ref' || to_hex(s.n + 1048576) AS title,
            round(exp(4 + 8 * pg_temp.dice('amount', s.n)))::numeric AS amount,
            CASE WHEN age > 0.2 THEN (CASE WHEN pg_temp.dice('stage', s.n) < 0.55 THEN 'won' ELSE 'lost' END)
                ELSE (ARRAY['lead','lead','lead','qualified','qualified','proposal','proposal','negotiation'])
                    [1 + floor(pg_temp.dice('stage', s.n) * 8)::int] END AS stage,
            date_trunc('milliseconds', now() - interval '1095 days' * age) AS created_at
        FROM generate_series(1, {size.deals}) s(n)
        CROSS JOIN LATERAL (SELECT pg_temp.dice('deal age', s.n) AS age) a
        JOIN b_contact c ON c.n = 1 + floor(pg_temp.dice('deal contact', s.n) * {size.contacts})::int"""
    yield """
        ALTER TABLE b_deal ADD assigned_to_id text, ADD stage_changed_at timestamptz, ADD closed_at timestamptz,
            ADD updated_at timestamptz, ADD expected_close_date timestamptz"""
    yield """
        UPDATE b_deal SET assigned_to_id = pg_temp.oid('user', owner),
            stage_changed_at = created_at + (now() - created_at) * pg_temp.dice('moved', n) * 0.3,
            closed_at = CASE WHEN stage IN ('won', 'lost')
                THEN created_at + (now() - created_at) * pg_temp.dice('moved', n) * 0.3 END,
            updated_at = date_trunc('milliseconds',
                created_at + (now() - created_at) * (0.3 + 0.7 * pg_temp.dice('updated', n) ^ 3)),
            expected_close_date = date_trunc('day',
                created_at + interval '240 days' * pg_temp.dice('expected', n)) + interval '12 hours'"""
    yield "CREATE UNIQUE INDEX ON b_deal (n)"


def _activities(size: Size) -> Iterator[str]:
    """Three in five are about deals, the others about contacts; one in ten is still to be done."""
    yield f"""
        CREATE TEMP TABLE b_activity AS
        SELECT s.n, pg_temp.oid('activity', s.n) AS id, pending,
            (ARRAY['call','email','meeting','note'])[1 + s.n % 4] AS type,
            (ARRAY['Call back about','Send offer for','Meet about','Note on'])[1 + s.n % 4] || ' '
                || pg_temp.word({words(_THINGS)}, 'about', s.n) || ' ' || to_hex(s.n + 1048576) AS subject,
            'Talked about the ' || lower(pg_temp.word({words(_THINGS)}, 'about', s.n)) || ' and what comes next.'
                AS description,
            d.id AS related_deal_id, c.id AS related_contact_id,
            COALESCE(d.assigned_to_id, c.created_by_id) AS created_by_id,
            date_trunc('milliseconds', COALESCE(d.created_at, c.created_at)
                + (now() - COALESCE(d.created_at, c.created_at)) * pg_temp.dice('activity age', s.n)) AS created_at
        FROM generate_series(1, {size.activities}) s(n)
        CROSS JOIN LATERAL (SELECT pg_temp.dice('pending', s.n) < 0.1 AS pending, s.n % 5 < 3 AS of_deal) p
        LEFT JOIN b_deal d ON of_deal AND d.n = 1 + floor(pg_temp.dice('activity of', s.n) * {size.deals})::int
        LEFT JOIN b_contact c ON NOT of_deal
            AND c.n = 1 + floor(pg_temp.dice('activity of', s.n) * {size.contacts})::int"""
    yield "ALTER TABLE b_activity ADD due_date timestamptz, ADD completed_at timestamptz"
    yield """
        UPDATE b_activity SET
            due_date = CASE WHEN pending THEN date_trunc('hour',
                now() + interval '60 days' * (pg_temp.dice('due', n) - 0.15)) ELSE created_at END,
            completed_at = CASE WHEN NOT pending THEN created_at END"""


def _grants(kind: Kind) -> Iterator[str]:
    """Write the owners' grants, and let one record in fifty be seen by a colleague, some by a team or everybody."""
    staged, both = f"b_{kind.model}", f"(VALUES ({kind.permission('view')}), ({kind.permission('change')})) p(id)"
    yield f"""
        INSERT INTO {kind.table}usergrant (user_id, permission_id, content_object_id)
        SELECT b.{kind.owner}, p.id, b.id FROM {staged} b CROSS JOIN {both}"""
    yield f"""
        INSERT INTO {kind.table}usergrant (user_id, permission_id, content_object_id)
        SELECT u.id, {kind.permission("view")}, b.id FROM {staged} b
        JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 AS k, count(*) OVER () AS people FROM accounts_user) u
            ON u.k = b.n % u.people
        WHERE pg_temp.dice('shared', b.n) < 0.02 AND u.id <> b.{kind.owner}"""
    yield f"""
        INSERT INTO {kind.table}groupgrant (group_id, permission_id, content_object_id)
        SELECT q.id, {kind.permission("view")}, b.id FROM {staged} b
        JOIN auth_group q ON q.name = CASE WHEN pg_temp.dice('team', b.n) < 0.0002 THEN '*'
            ELSE 'Team ' || (1 + b.n % 10) END
        WHERE pg_temp.dice('team', b.n) < 0.002"""


def _overview(size: Size, kind: Kind) -> Iterator[str]:
    """Let the first agent see every record, if the size asks for one who was granted that."""
    view, holder = kind.permission("view"), "pg_temp.oid('user', 1)"
    if size.has_overview:
        yield f"""
            INSERT INTO {kind.table}usergrant (user_id, permission_id, content_object_id)
            SELECT {holder}, {view}, b.id FROM b_{kind.model} b WHERE NOT EXISTS (SELECT 1 FROM {kind.table}usergrant g
                WHERE g.content_object_id = b.id AND g.user_id = {holder} AND g.permission_id = {view})"""


def _touches() -> Iterator[str]:
    """Say of each deal when it was last touched and what comes next, as the triggers would."""
    yield "ALTER TABLE b_deal ADD touched_at timestamptz, ADD next_step_at timestamptz"
    yield """
        UPDATE b_deal d SET touched_at = GREATEST(d.updated_at, a.done), next_step_at = a.due
        FROM b_deal x LEFT JOIN (SELECT related_deal_id, max(completed_at) AS done,
                min(due_date) FILTER (WHERE completed_at IS NULL) AS due FROM b_activity GROUP BY 1) a
            ON a.related_deal_id = x.id
        WHERE x.id = d.id"""


_COLUMNS = {
    COMPANY: ("name", "industry"),
    CONTACT: ("name", "email", "phone", "company_id"),
    DEAL: (
        *("title", "amount", "stage", "company_id", "contact_id", "expected_close_date", "stage_changed_at"),
        *("closed_at", "touched_at", "next_step_at"),
    ),
    ACTIVITY: ("type", "subject", "description", "due_date", "completed_at", "related_contact_id", "related_deal_id"),
}


def _pour(kind: Kind) -> str:
    """Insert the staged rows with what the product says their access columns must be."""
    columns = [*_COLUMNS[kind], kind.owner]
    extra = {"position": "-65536::bigint * b.n"} if kind is DEAL else {}
    if kind is DEAL:
        extra["lost_reason"] = "CASE b.stage WHEN 'lost' THEN 'price' END"
    updated = "b.updated_at" if kind is DEAL else "b.created_at"
    return f"""
        INSERT INTO {kind.table} (id, created_at, updated_at, {", ".join([*columns, *extra])}, readers, acl)
        SELECT b.id, b.created_at, {updated}, {", ".join([*(f"b.{name}" for name in columns), *extra.values()])},
            {readers(kind, "b")}, {acl(kind, "b")}
        FROM b_{kind.model} b ORDER BY b.created_at"""


def _logs() -> Iterator[str]:
    """Write the making of every record into the change log, for deals their last change and stages too."""
    for kind in KINDS:
        yield f"""
            INSERT INTO records_change (class_name, object_id, operation, new, actor, transaction, created_at)
            SELECT '{kind.class_name}', r.id, 'insert', to_jsonb(r) - 'acl', r.{kind.owner}, 1, r.created_at
            FROM {kind.table} r"""
    yield """
        INSERT INTO records_change (class_name, object_id, operation, old, new, actor, transaction, created_at)
        SELECT 'Deal', r.id, 'update',
            jsonb_build_object('stage', 'lead', 'updated_at', r.created_at, 'title', r.title),
            jsonb_build_object('stage', r.stage, 'updated_at', r.updated_at, 'title', r.title),
            r.assigned_to_id, 2, r.updated_at
        FROM deals_deal r"""
    yield """
        INSERT INTO deals_stagechange (deal_id, from_stage, to_stage, amount, actor, changed_at)
        SELECT id, NULL, 'lead', amount, assigned_to_id, created_at FROM deals_deal"""
    yield """
        INSERT INTO deals_stagechange (deal_id, from_stage, to_stage, amount, actor, changed_at)
        SELECT id, 'lead', stage, amount, assigned_to_id, stage_changed_at FROM deals_deal WHERE stage <> 'lead'"""
