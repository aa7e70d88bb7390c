"""A site's database filled by SQL: a bank of a million questions, or the sittings of other candidates.

What is written is like what was there: questions like the shipped ones, sittings like those of a few model
candidates who sat over HTTP, row by row with all that a sitting leaves behind (items, events, registers,
sights, cards, reserve, result). `check_integrity` finds nothing wrong with it.
"""

import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

import psycopg

from tests.benchmarks.site import HERE, Site

# Questions like the shipped ones: their kinds, levels, layouts, task statements and texts, short of what
# makes them distinct. Ranks go on without gaps where the pool's own end.
_QUESTIONS = """
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

AT_ONCE = 5_000
"""Sittings in one transaction."""
SPAN = timedelta(days=730)
"""Sittings are spread over so long a time up to two days ago, in the order in which they were started, under
ids that begin with that moment, as `attempts.uuid7` makes them."""

# Sitting number n of all `count` is like model number n % models. A register keeps the id of its event.
_SITTINGS = """
CREATE TEMPORARY TABLE more ON COMMIT DROP AS
  SELECT n, like_id, gen_random_uuid() AS user_id, at, at - model.started_at AS later,
    (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7'
      || substr(md5(random()::text), 1, 3) || '8' || substr(md5(random()::text), 1, 15))::uuid AS id
  FROM (SELECT n, now() - interval '2 days' - (%(count)s - n) * %(span)s / %(count)s AS at
      FROM generate_series(%(first)s::int, %(last)s::int) AS n) AS moment
  JOIN (SELECT a.id AS like_id, a.started_at, place, count(*) OVER () AS models
      FROM unnest(%(likes)s::uuid[]) WITH ORDINALITY AS liked(id, place)
      JOIN exams_attempt AS a USING (id)) AS model ON place = 1 + n %% models
  ORDER BY n;
ANALYZE more;
INSERT INTO accounts_user (id, password, is_superuser, email, name, is_guest, is_active, is_staff,
    date_joined, last_active, extra_time, theme, character_keys)
  SELECT user_id, 'pbkdf2_sha256$1000000$' || repeat('x', 66), false, user_id || '@example.org', '', false,
    true, false, at, at, 'none', 'auto', true FROM more;
INSERT INTO accounts_user_groups (user_id, group_id)
  SELECT user_id, g.id FROM more, auth_group AS g WHERE g.name = 'candidate';
INSERT INTO accounts_auditentry (at, actor_id, action, object)
  SELECT at, user_id, 'login', 'user:' || user_id FROM more;
INSERT INTO exams_attempt (id, user_id, profile_id, title, mode, study, feedback, state, started_at,
    seconds_granted, seconds_extra, deadline, grace_seconds, close_by, closed_at, ended_by, paused_ms,
    pass_mark, scale_min, scale_max, seed, blueprint, shape, wishes)
  SELECT more.id, more.user_id, a.profile_id, a.title, a.mode, a.study, a.feedback, a.state, at,
    a.seconds_granted, a.seconds_extra, a.deadline + later, a.grace_seconds, a.close_by + later,
    a.closed_at + later, a.ended_by, a.paused_ms, a.pass_mark, a.scale_min, a.scale_max, a.seed, a.blueprint,
    a.shape, a.wishes
  FROM more JOIN exams_attempt AS a ON a.id = like_id ORDER BY n;
INSERT INTO exams_attemptitem (attempt_id, number, question_id, version_id, scored, option_order)
  SELECT more.id, i.number, i.question_id, i.version_id, i.scored, i.option_order
  FROM more JOIN exams_attemptitem AS i ON i.attempt_id = like_id ORDER BY n, i.number;
INSERT INTO exams_answerevent (attempt_id, event_id, item, kind, value, intent_ms, received_at)
  SELECT more.id, md5(more.id::text || e.event_id)::uuid, e.item, e.kind, e.value, e.intent_ms,
    e.received_at + later
  FROM more JOIN exams_answerevent AS e ON e.attempt_id = like_id ORDER BY n, e.id;
INSERT INTO exams_register (attempt_id, item, kind, value, intent_ms, event_id)
  SELECT more.id, r.item, r.kind, r.value, r.intent_ms, md5(more.id::text || r.event_id)::uuid
  FROM more JOIN exams_register AS r ON r.attempt_id = like_id ORDER BY n, r.id;
INSERT INTO exams_sight (user_id, question_id, first_attempt_id, last_seen)
  SELECT more.user_id, s.question_id, more.id, s.last_seen + later
  FROM more JOIN exams_sight AS s ON s.first_attempt_id = like_id ORDER BY n, s.question_id;
INSERT INTO results_card (user_id, question_id, due, last_review, stability, difficulty)
  SELECT more.user_id, c.question_id, c.due + later, c.last_review + later, c.stability, c.difficulty
  FROM more JOIN exams_attempt AS a ON a.id = like_id JOIN results_card AS c ON c.user_id = a.user_id
  ORDER BY n, c.question_id;
INSERT INTO exams_reserve (user_id, certification_id, drawn_at)
  SELECT more.user_id, r.certification_id, at
  FROM more JOIN exams_attempt AS a ON a.id = like_id JOIN exams_reserve AS r ON r.user_id = a.user_id
  ORDER BY n;
INSERT INTO exams_reservedquestion (reserve_id, question_id)
  SELECT mine.id, kept.question_id
  FROM more JOIN exams_attempt AS a ON a.id = like_id
  JOIN exams_reserve AS r ON r.user_id = a.user_id JOIN exams_reservedquestion AS kept ON reserve_id = r.id
  JOIN exams_reserve AS mine ON mine.user_id = more.user_id ORDER BY n, kept.id;
INSERT INTO results_result (attempt_id, revision, rule, computed_at, correct, total, answered, scaled,
    pass_mark, passed, domains, task_statements, items, displayed, digested_at)
  SELECT more.id, r.revision, r.rule, r.computed_at + later, r.correct, r.total, r.answered, r.scaled,
    r.pass_mark, r.passed, r.domains, r.task_statements, r.items, r.displayed, r.digested_at + later
  FROM more JOIN results_result AS r ON r.attempt_id = like_id ORDER BY n;
INSERT INTO results_report (id, reporter_id, attempt_id, number, question_id, version_id, option_order,
    chosen, kind, text, made_at, state, reply, decided_at)
  SELECT gen_random_uuid(), more.user_id, more.id, i.number, i.question_id, i.version_id, i.option_order,
    '[]', 'unclear', 'I do not see why the second option is not as good.', at + interval '1 day',
    CASE WHEN n + 5000 > %(count)s THEN 'open' ELSE 'declined' END, '',
    CASE WHEN n + 5000 > %(count)s THEN NULL ELSE at + interval '2 days' END
  FROM more JOIN exams_attemptitem AS i ON i.attempt_id = like_id
  WHERE n %% 50 = 0 AND i.number = 1 + n %% 65;
"""
# The models are the first who saw anything: their share of each tally is all of it.
_TALLIES = """
UPDATE results_tally SET sights = sights * %(times)s::int, chosen =
  (SELECT coalesce(jsonb_object_agg(key, value::int * %(times)s::int), '{}') FROM jsonb_each_text(chosen));
"""


def fill_bank(site: Site, size: int) -> None:
    with psycopg.connect(site.url) as connection:
        held = _one(connection, "SELECT count(*) FROM questions_question")
        _run(connection, _QUESTIONS, {"first": held + 1, "last": size})
    settle(site)


def fill_answers(site: Site, likes: Sequence[str], answers: int) -> Iterator[int]:
    """Sittings of others until the site holds about so many answers, in turn like the closed attempts
    `likes`, who are alone in it so far. Yields how many sittings there are after each transaction."""
    sweep = [sys.executable, "-m", "exam_sim.sweeper", "--once"]  # cards and tallies of the models
    subprocess.run(sweep, cwd=HERE, env=site.environment, check=True, capture_output=True)
    with psycopg.connect(site.url) as connection:
        held = _one(connection, "SELECT count(*) FROM exams_register WHERE kind = 'answer'")
        times = max(1, answers // held)
        count = (times - 1) * len(likes)
        for first in range(1, count + 1, AT_ONCE):
            last = min(count, first + AT_ONCE - 1)
            values = {"first": first, "last": last, "count": count, "likes": [*likes], "span": SPAN}
            _run(connection, _SITTINGS, values)
            connection.commit()
            yield last
        _run(connection, _TALLIES, {"times": times})
    settle(site)


def _one(connection: "psycopg.Connection[tuple[int, ...]]", statement: str) -> int:
    row = connection.execute(statement.encode()).fetchone()
    assert row is not None
    return row[0]


def _run(
    connection: "psycopg.Connection[tuple[int, ...]]", script: str, values: Mapping[str, object]
) -> None:
    """Statements one by one, each with the values that it names. What points where is right by the way it is
    made: to check a hundred million references one by one would take longer than all the rest."""
    connection.execute("SET LOCAL session_replication_role = replica")
    for statement in filter(str.strip, script.split(";\n")):
        connection.execute(
            statement.encode(), {n: v for n, v in values.items() if f"%({n})" in statement} or None
        )


def settle(site: Site) -> None:
    """What autovacuum and the checkpointer would do in the next minutes."""
    with psycopg.connect(site.url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
        connection.execute("CHECKPOINT")
