"""What does not get slower as the database grows: two sites, one of them filled by SQL, asked in turn, so
that what else the machine does falls on both."""

import asyncio
import statistics
import time

import psycopg

from tests.benchmarks.load.client import Visitor
from tests.benchmarks.load.people import logged_in
from tests.benchmarks.load.sitting import Exam
from tests.benchmarks.load.timings import Timings
from tests.benchmarks.site import Site

STARTS, READINGS, WARMING = 60, 60, 12

# Questions like the shipped ones: their kinds, levels, layouts, task statements and texts, short of what
# makes them distinct. Ranks go on without gaps where the pool's own end.
_MORE_QUESTIONS = """
CREATE TEMPORARY TABLE model AS
  SELECT q.*, row_number() OVER (ORDER BY q.id) AS place, count(*) OVER () AS models
  FROM questions_question AS q WHERE q.pool_id IS NOT NULL;
CREATE TEMPORARY TABLE grown AS
  SELECT gen_random_uuid() AS id, gen_random_uuid() AS version, model.id AS like_question,
    model.current_version_id AS like_version, model.pool_id, n,
    pool.size + row_number() OVER (PARTITION BY model.pool_id ORDER BY n) - 1 AS rank
  FROM generate_series(%(first)s::int, %(last)s::int) AS n
  JOIN model ON model.place = 1 + n %% model.models JOIN questions_pool AS pool ON pool.id = model.pool_id;
INSERT INTO questions_question
    (id, collection_id, external_id, task_statement_id, status, current_version_id, pool_id, rank)
  SELECT g.id, q.collection_id, 'grown-' || g.n, q.task_statement_id, q.status, g.version, g.pool_id, g.rank
  FROM grown AS g JOIN questions_question AS q ON q.id = g.like_question;
INSERT INTO questions_questionversion (id, question_id, number, created_at, source, fingerprint,
    task_statement_id, kind, stem, options, explanation, "references", level, testing_point, services,
    enemies, exhibits, shuffle, testing_point_key, layout, html, key_html, renderer)
  SELECT g.version, g.id, 1, v.created_at, 'grown', g.id::text, v.task_statement_id, v.kind, v.stem,
    v.options, v.explanation, v."references", v.level, 'grown ' || g.n, v.services, '[]', v.exhibits,
    v.shuffle, g.id::text, v.layout, v.html, v.key_html, v.renderer
  FROM grown AS g JOIN questions_questionversion AS v ON v.id = g.like_version;
UPDATE questions_pool AS pool SET size = counted.size, multiple_response = counted.multiple_response,
    level_1 = counted.level_1, level_2 = counted.level_2, level_3 = counted.level_3
  FROM (SELECT q.pool_id, count(*) AS size,
      count(*) FILTER (WHERE v.kind = 'multiple_response') AS multiple_response,
      count(*) FILTER (WHERE v.level = 1) AS level_1, count(*) FILTER (WHERE v.level = 2) AS level_2,
      count(*) FILTER (WHERE v.level = 3) AS level_3
    FROM questions_question AS q JOIN questions_questionversion AS v ON v.id = q.current_version_id
    GROUP BY q.pool_id) AS counted
  WHERE counted.pool_id = pool.id;
DROP TABLE model;
DROP TABLE grown;
"""

# Sittings of others: people, attempts, items, events, registers and results, all like those of one sitting.
_MORE_ANSWERS = """
CREATE TEMPORARY TABLE more AS
  SELECT gen_random_uuid() AS id, gen_random_uuid() AS user_id, n, now() - n * interval '1 minute' AS at
  FROM generate_series(1, %(count)s::int) AS n;
INSERT INTO accounts_user (id, password, is_superuser, email, name, is_guest, is_active, is_staff,
    date_joined, last_active, extra_time, theme, character_keys)
  SELECT more.user_id, '!', false, more.user_id || '@example.org', '', false, true, false, at, at, 'none',
    'auto', true FROM more;
INSERT INTO exams_attempt (id, user_id, profile_id, title, mode, study, feedback, state, started_at,
    seconds_granted, seconds_extra, deadline, grace_seconds, close_by, closed_at, ended_by, paused_ms,
    pass_mark, scale_min, scale_max, seed, blueprint, shape, wishes)
  SELECT more.id, more.user_id, a.profile_id, a.title, a.mode, a.study, a.feedback, a.state, at,
    a.seconds_granted, a.seconds_extra, at + interval '3 hours', a.grace_seconds, at + interval '190 minutes',
    at + interval '1 hour', a.ended_by, 0, a.pass_mark, a.scale_min, a.scale_max, a.seed, a.blueprint,
    a.shape, a.wishes
  FROM more, exams_attempt AS a WHERE a.id = %(like)s;
INSERT INTO exams_attemptitem (attempt_id, number, question_id, version_id, scored, option_order)
  SELECT more.id, i.number, i.question_id, i.version_id, i.scored, i.option_order
  FROM more, exams_attemptitem AS i WHERE i.attempt_id = %(like)s;
INSERT INTO exams_answerevent (attempt_id, event_id, item, kind, value, intent_ms, received_at)
  SELECT more.id, gen_random_uuid(), e.item, e.kind, e.value, e.intent_ms, at
  FROM more, exams_answerevent AS e WHERE e.attempt_id = %(like)s AND e.kind = 'answer';
INSERT INTO exams_register (attempt_id, item, kind, value, intent_ms, event_id)
  SELECT more.id, r.item, r.kind, r.value, r.intent_ms, r.event_id
  FROM more, exams_register AS r WHERE r.attempt_id = %(like)s AND r.kind = 'answer';
INSERT INTO results_result (attempt_id, revision, rule, computed_at, correct, total, answered, scaled,
    pass_mark, passed, domains, task_statements, items, displayed, digested_at)
  SELECT more.id, r.revision, r.rule, at, r.correct, r.total, r.answered, r.scaled, r.pass_mark, r.passed,
    r.domains, r.task_statements, r.items, r.displayed, at
  FROM more, results_result AS r WHERE r.attempt_id = %(like)s;
DROP TABLE more;
"""


def banks(small: Site, large: Site, few: int, many: int) -> tuple[float, float]:
    """p50 in ms of a start on a site with a bank of `few` questions, and on one with `many`."""
    for site, size in ((small, few), (large, many)):
        _grow_bank(site, size)
    people = [logged_in(site, STARTS) for site in (small, large)]
    times: tuple[list[float], list[float]] = ([], [])
    for sessions in zip(*people, strict=True):
        for site, session, kept in zip((small, large), sessions, times, strict=True):
            kept.append(asyncio.run(_start(site, session)))
    first, second = (statistics.median(all_[WARMING:]) for all_ in times)
    return first, second


def answers(small: Site, large: Site, few: int, many: int) -> dict[str, tuple[float, float]]:
    """By page of one who sat an exam, p50 in ms with so `few` and so `many` answers of others in the
    database."""
    readers = []
    for site, size in ((small, few), (large, many)):
        session = logged_in(site, 1)[0]
        attempt = asyncio.run(_sit(site, session))
        _grow_answers(site, attempt, size)
        readers.append((site, session, attempt))
    times = [[asyncio.run(_read(*reader)) for reader in readers] for _ in range(WARMING + READINGS)][WARMING:]
    pages = times[0][0]
    return {
        page: (statistics.median(r[0][page] for r in times), statistics.median(r[1][page] for r in times))
        for page in pages
    }


def _grow_bank(site: Site, size: int) -> None:
    with psycopg.connect(site.url) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM questions_question")
        held = cursor.fetchall()[0][0]
        _run(cursor, _MORE_QUESTIONS, {"first": held + 1, "last": size})
    _settle(site)


def _grow_answers(site: Site, like: str, size: int) -> None:
    with psycopg.connect(site.url) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM exams_register WHERE kind = 'answer'")
        held = cursor.fetchall()[0][0]
        cursor.execute(
            "SELECT count(*) FROM exams_register WHERE kind = 'answer' AND attempt_id = %s", [like]
        )
        each = cursor.fetchall()[0][0]
        _run(cursor, _MORE_ANSWERS, {"count": (size - held) // each, "like": like})
    _settle(site)


def _run(cursor: "psycopg.Cursor[tuple[int, ...]]", script: str, values: dict[str, object]) -> None:
    """Statements one by one, each with the values that it names. What points where is right by the way it is
    made: to check forty million references one by one would take longer than all the rest."""
    cursor.execute("SET LOCAL session_replication_role = replica")
    for statement in filter(str.strip, script.split(";\n")):
        cursor.execute(
            statement.encode(), {n: v for n, v in values.items() if f"%({n})" in statement} or None
        )


def _settle(site: Site) -> None:
    """What autovacuum and the checkpointer would do in the next minutes."""
    with psycopg.connect(site.url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
        connection.execute("CHECKPOINT")


async def _sit(site: Site, session: str) -> str:
    async with Visitor(site.port, session, Timings()) as visitor:
        exam = Exam(visitor)
        await exam.start()
        await exam.open()
        await exam.answer_all()
        await exam.end()
        return str(exam.state["attempt"])


async def _start(site: Site, session: str) -> float:
    async with Visitor(site.port, session, Timings()) as visitor:
        await visitor.get("page", "/")
        began = time.perf_counter()
        await Exam(visitor).start()
        return 1000 * (time.perf_counter() - began)


async def _read(site: Site, session: str, attempt: str) -> dict[str, float]:
    """ms of each page, read once."""
    pages = {
        "history": "/results/",
        "result": f"/results/{attempt}/",
        "review": f"/results/{attempt}/review",
        "progress": "/progress/",
    }
    times = {}
    async with Visitor(site.port, session, Timings()) as visitor:
        for name, path in pages.items():
            began = time.perf_counter()
            await visitor.get(name, path)
            times[name] = 1000 * (time.perf_counter() - began)
    return times
