"""From findings to a score for each person and day, or each place and day, in one SQL statement.

Steps as in docs/decisions/0004: findings calibrated against how often the organisation sees
their like, the strongest of each source and tactic, sources combined by Fisher's method,
tactics summed with falling weight, days fading by half a week. Reads views of `findings`,
`evidence`, `people_day` and `robots`; knows nothing of context, cases or lists.
"""

from nightporter.window import Window

# How long a day's score goes on counting, in days.
MEMORY = 42

# What a day's score counts for at most, on that day and, fading, on later ones.
MOST, MOST_CARRIED = 10, 3

# How far back the organisation is asked how often it sees such a finding, in days.
CALIBRATION = 60

# The strength of a finding whose detector gives no surprise, by level, in powers of ten.
STRENGTH = {"informational": 0.5, "low": 1.0, "medium": 2.0, "high": 3.0, "critical": 5.0}

# How many times its level's strength a surprise may weigh. Who comes at an odd hour is said by
# two weak rules at once: together they must not outshout one that has seen something.
_LOUDER = f"CASE WHEN strength < {STRENGTH['medium']} THEN 1 ELSE 2 END"

# What a USB event without an account, or a door's without a card, is said to be by.
THINGS = "('door', 'host')"
_IS_THING = f"coalesce(split_part(user_id, ':', 1) IN {THINGS} AND contains(user_id, ':'), false)"
_NOBODY = f"(user_id IS NULL AND coalesce(len(candidates), 0) = 0) OR {_IS_THING}"

# Everybody of whom a finding speaks, one row each.
WHOM = "unnest(CASE WHEN user_id IS NULL THEN candidates ELSE [user_id] END)"

# Whom each open finding speaks of, and how many share it.
PEOPLE = f"""
    SELECT finding_id, detector, tactic, day, level, surprise,
        CASE WHEN user_id IS NULL THEN len(candidates) ELSE 1 END AS shared_by, {WHOM} AS who
    FROM findings WHERE status = 'open' AND NOT ({_NOBODY})"""

# `kind:id` of the door, device, host, account, card or log that stands for a finding about nobody;
# NULL for one about somebody.
PLACE = f"""CASE WHEN NOT ({_NOBODY}) THEN NULL
        WHEN {_IS_THING} THEN user_id
        WHEN about ->> '$.door_id' IS NOT NULL THEN 'door:' || (about ->> '$.door_id')
        WHEN about ->> '$.device_id' IS NOT NULL THEN 'device:' || (about ->> '$.device_id')
        WHEN about ->> '$.host' IS NOT NULL THEN 'host:' || (about ->> '$.host')
        WHEN about ->> '$.identity' IS NOT NULL THEN about ->> '$.identity'
        WHEN about ->> '$.feed' IS NOT NULL THEN 'feed:' || (about ->> '$.feed')
        ELSE 'other:' || detector END"""
PLACES = f"""
    SELECT finding_id, detector, tactic, day, level, surprise, 1 AS shared_by, {PLACE} AS who
    FROM findings WHERE status = 'open' AND ({_NOBODY})"""


def scores_sql(window: Window, said: str) -> str:
    """Return SQL: who, day, score, last_finding, parts (a struct), for each day of `window`.

    `said` is PEOPLE or PLACES. A score is in powers of ten, before any factor of context.
    """
    first = window.reaching_back(MEMORY - 1).first
    return f"""
    WITH {_calibrated(said, first)},
    strongest AS (
        SELECT who, day, tactic, source, max(part) AS part FROM calibrated GROUP BY ALL
    ),
    tactics AS (
        SELECT who, day, tactic, {_fisher("list(part ORDER BY source)")} AS score
        FROM strongest GROUP BY ALL
    ),
    ordered AS (
        SELECT *, row_number() OVER (PARTITION BY who, day ORDER BY score DESC, tactic) AS place
        FROM tactics
    ),
    days AS (
        SELECT who, day, sum(score / pow(2, place - 1) ORDER BY place) AS score,
            list(DISTINCT tactic ORDER BY tactic) AS tactics
        FROM ordered WHERE place <= 3 GROUP BY ALL
    ),
    {_rated(window)}
    SELECT r.who, r.day, r.score, r.last_finding, {{
            score: round(r.score, 4), carried: round(r.carried, 4), today: round(r.today, 4),
            spread: r.spread, tactics: r.tactics, last_finding: r.last_finding::VARCHAR,
            days: r.days, findings: coalesce(f.findings, [])
        }} AS parts
    FROM rated AS r LEFT JOIN ({_FINDINGS}) AS f USING (who, day)"""


def _calibrated(said: str, first: object) -> str:
    """The findings from `first` on, each with its source, its part, and what that may weigh."""
    strength = " ".join(f"WHEN '{level}' THEN {value}" for level, value in STRENGTH.items())
    return f"""said AS ({said}),
    human AS (
        SELECT *, CASE level {strength} END AS strength FROM said AS s
        WHERE NOT EXISTS (FROM robots AS r WHERE r.user_id = s.who AND r.day = s.day)
    ),
    parts AS (
        SELECT *,
            -- A level says how much a finding may weigh, a surprise where within that it lies.
            CASE WHEN surprise IS NULL THEN strength
                ELSE least(greatest(surprise, strength / 2), strength * {_LOUDER})
            END / shared_by AS part, floor(part * 10)::INTEGER AS tenth
        FROM human
    ),
    person_days AS (
        SELECT day, sum(people) OVER (
            ORDER BY day - DATE '1970-01-01'
            RANGE BETWEEN {CALIBRATION - 1} PRECEDING AND CURRENT ROW
        ) AS person_days
        -- A door is forced on a day when nobody is there: that day has no people, and a past.
        FROM (
            SELECT day, max(people) AS people FROM (
                FROM people_day UNION ALL SELECT day, 0 FROM parts
            ) GROUP BY day
        )
    ),
    -- How strong each was at most, by day: as strong means to a tenth of a power of ten.
    best AS (SELECT detector, who, day, max(tenth) AS tenth FROM parts GROUP BY ALL),
    asked AS (
        SELECT DISTINCT detector, who, day, tenth FROM parts WHERE day >= DATE '{first}'
    ),
    everybody AS (
        SELECT a.detector, a.day, a.tenth, sum(b.n) AS n
        FROM (SELECT DISTINCT detector, day, tenth FROM asked) AS a
        JOIN (SELECT detector, day, tenth, count(*) AS n FROM best GROUP BY ALL) AS b
          ON b.detector = a.detector AND b.tenth >= a.tenth
         AND b.day BETWEEN a.day - {CALIBRATION - 1} AND a.day
        GROUP BY ALL
    ),
    own AS (
        SELECT a.detector, a.who, a.day, a.tenth, count(*) AS n
        FROM asked AS a JOIN best AS b ON b.detector = a.detector AND b.who = a.who
         AND b.tenth >= a.tenth AND b.day BETWEEN a.day - {CALIBRATION - 1} AND a.day
        GROUP BY ALL
    ),
    sources AS (SELECT finding_id, min(source) AS source FROM evidence GROUP BY finding_id),
    -- No finding is rarer than one among all the person-days that the organisation has had.
    calibrated AS (
        SELECT p.who, p.day, p.tactic, p.detector, p.level, p.finding_id, p.part AS raw,
            coalesce(s.source, '') AS source, least(p.part, greatest(0, -log10(
                (1 + e.n - o.n) / (coalesce(d.person_days, 0) + 1)))) AS part
        FROM parts AS p
        JOIN everybody AS e USING (detector, day, tenth)
        JOIN own AS o USING (detector, who, day, tenth)
        LEFT JOIN sources AS s USING (finding_id)
        LEFT JOIN person_days AS d ON d.day = p.day
    )"""


def _rated(window: Window) -> str:
    """The days of six weeks, fading, and how many tactics they spread over."""
    days = f"generate_series(DATE '{window.first}', DATE '{window.last}', INTERVAL 1 DAY)"
    return f"""grid AS (
        SELECT DISTINCT d.who, g.day
        FROM days AS d JOIN (SELECT unnest({days})::DATE AS day) AS g
          ON g.day BETWEEN d.day AND d.day + {MEMORY - 1}
        -- Who has become one is no person on the days after, either.
        WHERE NOT EXISTS (FROM robots AS r WHERE r.user_id = d.who AND r.day = g.day)
    ),
    faded AS (
        SELECT g.who, g.day,
            sum(pow(2, -(g.day - d.day) / 7.0) * least(d.score, {MOST_CARRIED}) ORDER BY d.day)
                AS carried,
            coalesce(max(d.score) FILTER (WHERE d.day = g.day), 0) AS today,
            len(list_distinct(flatten(coalesce(
                list(d.tactics) FILTER (WHERE d.day > g.day - 7), [])))) AS tactics,
            max(d.day) AS last_finding,
            list({{day: d.day::VARCHAR, score: round(d.score, 4)}} ORDER BY d.day) AS days
        FROM grid AS g
        JOIN days AS d ON d.who = g.who AND d.day BETWEEN g.day - {MEMORY - 1} AND g.day
        GROUP BY ALL
    ),
    rated AS (
        SELECT *, least(1.5, 1 + 0.25 * (greatest(tactics, 1) - 1)) AS spread,
            (carried + 2 * least(today, {MOST})) * spread AS score
        FROM faded
    )"""


_FINDINGS = """
        SELECT who, day, list({finding_id: finding_id, detector: detector, tactic: tactic,
            source: source, level: level, raw: round(raw, 4), part: round(part, 4)}
            ORDER BY part DESC, raw DESC, finding_id) AS findings
        FROM calibrated GROUP BY who, day"""


def _fisher(parts: str) -> str:
    """Combine independent parts s = -log10 p: the tail of a chi-squared, in closed form.

    A weak second sign never makes a strong one weaker: then the strongest part stands alone.
    """
    total = f"list_sum({parts})"
    t = f"(ln(10) * {total})"
    return (
        f"greatest(list_max({parts}), {total} - log10(CASE len({parts}) WHEN 1 THEN 1"
        f" WHEN 2 THEN 1 + {t} ELSE 1 + {t} + {t} * {t} / 2 END))"
    )
