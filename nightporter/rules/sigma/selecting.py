"""The SELECT of a Sigma rule: of one event, or of a correlation over a window that slides.

A window ends with an event and reaches back by the timespan, both ends included.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from sigma.correlations import SigmaCorrelationCondition, SigmaCorrelationRule
from sigma.rule import SigmaRule

from nightporter.errors import did_you_mean
from nightporter.rules.reading import REACH
from nightporter.rules.sigma.mapping import PERSONAL, Field, Place, Refusal, column_name, places_of
from nightporter.rules.sigma.matching import predicate

_SIGNS = {"GTE": ">=", "GT": ">", "EQ": "="}
_ORDERED = "TEMPORAL_ORDERED"
# What the greatest number of a window counts, by the type of the correlation.
_MOST = {
    "EVENT_COUNT": "{most}",
    "VALUE_COUNT": "{most} different ones",
    "TEMPORAL": "{most} rules",
    _ORDERED: "{most} rules in order",
}

# Columns that the SELECT of a correlation has for itself.
_TAKEN = frozenset(
    """event events ts day user_id rule counted n began opens stretch since until most matches
    candidates""".split()
)


@dataclass(frozen=True)
class Selection:
    """A SELECT, and what the header of its detector must say of it."""

    sql: str
    about: tuple[str, ...] = ("user_id",)
    lookback: int = 0
    found: str = "{matches} events"
    needs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Match:
    """The events that one rule describes."""

    rule: SigmaRule
    place: Place
    where: str


def matched(rule: SigmaRule) -> Match:
    """Return the events that `rule` describes, in the first table that knows all it names."""
    source = rule.logsource
    for word in map(str, source.custom_attributes or ()):
        hint = did_you_mean(word, ("category", "product", "service", "definition"))
        raise Refusal(f"the logsource is told by {word!r}, which is not supported", word, hint)
    refusals: list[Refusal] = []
    for place in places_of(source.category or "", source.product or "", source.service or ""):
        try:
            found = [
                f"({predicate(each.parsed, place)})" for each in rule.detection.parsed_condition
            ]
        except Refusal as refusal:
            refusals.append(refusal)
        else:
            return Match(rule, place, f"({place.where}) AND ({' OR '.join(found)})")
    raise refusals[0]


def single(rule: SigmaRule) -> Selection:
    """Return the SELECT that says of each person and day how many events match."""
    match = matched(rule)
    sql = f"""SELECT
    user_id,
    day,
    CAST(count(*) AS INTEGER) AS matches,
    list(event ORDER BY ts, event) AS events
FROM {match.place.table}
WHERE
    {match.where}
GROUP BY user_id, day"""
    return Selection(sql, needs=match.place.needs)


def correlated(
    rule: SigmaCorrelationRule, say: Callable[[SigmaRule], Match] = matched
) -> Selection:
    """Return the SELECT of a correlation; `say` gives the events of a rule that it names."""
    kind = rule.type.name
    if kind not in _MOST:
        hint = f"supported: {', '.join(_MOST).lower()}"
        raise Refusal(f"correlations of the type {kind.lower()} are not supported", "type", hint)
    matches = [say(base) for base in _bases(rule)]
    keys = _keys(rule, matches)
    rows = "\n    UNION ALL\n".join(
        _rows(rule, match, keys, at) for at, match in enumerate(matches)
    )  # fmt: skip
    if kind in ("EVENT_COUNT", "VALUE_COUNT"):
        # An event that two rules describe is one event.
        rows = rows.replace("UNION ALL", "UNION")
    ctes = [f"matched AS (\n{rows}\n)", *_fired(rule, keys, len(matches)), *_stretches(rule, keys)]
    sql = "WITH " + ",\n".join(ctes) + "\n" + _found(keys)
    needs = tuple(dict.fromkeys(need for match in matches for need in match.place.needs))
    found = f"{{matches}} events, {_MOST[kind]} within {rule.timespan.spec}"
    return Selection(sql, tuple(keys), _lookback(rule, matches), found, needs)


def _bases(rule: SigmaCorrelationRule) -> list[SigmaRule]:
    bases: list[SigmaRule] = []
    for reference in rule.referenced_rules:
        if not isinstance(reference.rule, SigmaRule):
            message = "a correlation of correlations is not supported"
            raise Refusal(message, reference.reference)
        bases.append(reference.rule)
    if len({id(base) for base in bases}) < len(bases):
        raise Refusal("a correlation names a rule twice", "rules")
    return bases


def _lookback(rule: SigmaCorrelationRule, matches: Sequence[Match]) -> int:
    """Return the days that a window can reach; another site's day may begin a day earlier."""
    days = math.ceil(rule.timespan.seconds / 86400) + 1
    reach = min(REACH[match.place.table] for match in matches)
    if days > reach:
        table = min((match.place.table for match in matches), key=lambda name: REACH[name])
        message = f"the timespan {rule.timespan.spec} is longer than raw {table} reaches back"
        hint = f"at most {reach - 1}d; a longer one is a detector in SQL on user_day"
        raise Refusal(message, "timespan", hint)
    return days


def _keys(rule: SigmaCorrelationRule, matches: Sequence[Match]) -> dict[str, list[Field]]:
    """Return for each column of group-by the field that it is in each rule."""
    if not rule.group_by:
        hint = "a finding is about somebody or something: group-by: User"
        raise Refusal("the correlation lacks group-by", "correlation", hint)
    keys: dict[str, list[Field]] = {}
    for name in rule.group_by:
        fields = [_field(rule, match, name) for match in matches]
        personal = {field.sql in PERSONAL for field in fields}
        if len(personal) > 1:
            raise Refusal(f"{name} is a person in one rule and none in another", name)
        # One person's accounts and cards are one person.
        if personal == {True}:
            keys["user_id"] = [Field(name, "user_id", "text")] * len(matches)
        else:
            column = column_name(fields[0]) if len({f.sql for f in fields}) == 1 else name.lower()
            if not column.isidentifier() or column in _TAKEN:
                raise Refusal(f"group-by {name!r}: {column} can be no column of a finding", name)
            keys[column] = fields
    return keys


def _field(rule: SigmaCorrelationRule, match: Match, name: str) -> Field:
    alias = rule.aliases.aliases.get(name)
    if alias is None:
        return match.place[name]
    for reference, own in alias.mapping.items():
        if reference.reference in (match.rule.name, str(match.rule.id)):
            if not isinstance(own, str):
                message = f"the alias {name!r} names no field of the rule {match.rule.title}"
                raise Refusal(message, name, f"{name}: {{{match.rule.name}: User}}")
            return match.place[own]
    raise Refusal(f"the alias {name!r} says nothing of the rule {match.rule.title!r}", name)


def _rows(
    rule: SigmaCorrelationRule, match: Match, keys: dict[str, list[Field]], at: int
) -> str:  # fmt: skip
    """Return the events of one rule, as rows that those of all rules share."""
    columns = ["event", "ts", "day", "user_id"]
    columns += [f'{fields[at].text} AS "{key}"' for key, fields in keys.items() if key != "user_id"]
    if rule.type.name.startswith("TEMPORAL"):
        columns.append(f"{at} AS rule")
    if rule.type.name == "VALUE_COUNT":
        columns.append(f"lower({_counted(rule, match).text}) AS counted")
    missing = "".join(f"\n        AND {fields[at].sql} IS NOT NULL" for fields in keys.values())
    return (
        f"    SELECT {', '.join(columns)}\n    FROM {match.place.table}\n"
        f"    WHERE\n        {match.where}{missing}"
    )


def _counted(rule: SigmaCorrelationRule, match: Match) -> Field:
    condition = _condition(rule)
    if not isinstance(condition.fieldref, str):
        raise Refusal("value_count counts the values of one field", "condition", "field: ...")
    return _field(rule, match, condition.fieldref)


def _condition(rule: SigmaCorrelationRule) -> SigmaCorrelationCondition:
    condition = rule.condition
    if not isinstance(condition, SigmaCorrelationCondition):
        message = "a condition in words is not supported in a correlation"
        raise Refusal(message, "condition", "gte: ...")
    if condition.op.name not in _SIGNS:
        message = f"the condition {condition.op.name.lower()} is not supported"
        hint = "a window without events has none to show; supported: gte, gt, eq"
        raise Refusal(message, condition.op.name.lower(), hint)
    if condition.count < 1 and condition.op.name != "GT":
        raise Refusal("a window is found by its events: count at least 1", "condition")
    return condition


def _over(keys: dict[str, list[Field]], seconds: int, until: str = "CURRENT ROW") -> str:
    by = ", ".join(f'"{key}"' for key in keys)
    return (
        f"(PARTITION BY {by} ORDER BY ts RANGE BETWEEN INTERVAL {seconds} SECONDS PRECEDING"
        f" AND {until})"
    )


def _fired(rule: SigmaCorrelationRule, keys: dict[str, list[Field]], rules: int) -> Iterator[str]:
    """Yield the CTEs that end in `fired`: the events that end a window as the rule wants it."""
    condition, seconds = _condition(rule), rule.timespan.seconds
    if rule.type.name == _ORDERED:
        if (condition.op.name, condition.count) != ("GTE", rules):
            raise Refusal("temporal_ordered means all of its rules", "condition")
        yield from _chain(keys, seconds, rules)
        return
    measure = {
        "EVENT_COUNT": "count(*)",
        "VALUE_COUNT": "count(DISTINCT counted)",
        "TEMPORAL": "count(DISTINCT rule)",
    }[rule.type.name]
    yield (
        f"measured AS (\n    SELECT *, CAST({measure} OVER span AS INTEGER) AS n\n"
        f"    FROM matched\n    WINDOW span AS {_over(keys, seconds)}\n)"
    )
    least = str(condition.count)
    if rule.type.name != "TEMPORAL":
        least = f"knob('count', {condition.count})  -- as the rule says"
    yield (
        f"fired AS (\n    SELECT * FROM measured\n"
        f"    WHERE n {_SIGNS[condition.op.name]} {least}\n)"
    )


def _chain(keys: dict[str, list[Field]], seconds: int, rules: int) -> Iterator[str]:
    """Each step knows the latest instant at which a chain that has come so far began."""
    yield "step_0 AS (\n    SELECT *, CASE WHEN rule = 0 THEN ts END AS began FROM matched\n)"
    before = _over(keys, seconds, "INTERVAL 1 MICROSECOND PRECEDING")
    for at in range(1, rules):
        yield (
            f"step_{at} AS (\n    SELECT\n        * EXCLUDE (began),\n"
            f"        CASE WHEN rule = {at} THEN max(began) OVER span END AS began\n"
            f"    FROM step_{at - 1}\n    WINDOW span AS {before}\n)"
        )
    yield (
        f"fired AS (\n    SELECT *, {rules} AS n FROM step_{rules - 1}\n"
        f"    WHERE rule = {rules - 1} AND began >= ts - INTERVAL {seconds} SECONDS\n)"
    )


def _stretches(rule: SigmaCorrelationRule, keys: dict[str, list[Field]]) -> Iterator[str]:
    """Windows of one day that touch are one stretch: its events are those of its windows."""
    by = ", ".join(f'"{key}"' for key in keys)
    span = f"INTERVAL {rule.timespan.seconds} SECONDS"
    yield (
        f"opened AS (\n    SELECT\n        {by}, day, ts, n,\n"
        "        coalesce(\n"
        f"            ts - lag(ts) OVER (PARTITION BY {by}, day ORDER BY ts) > {span}, true\n"
        "        ) AS opens\n    FROM fired\n)"
    )
    yield (
        f"numbered AS (\n    SELECT\n        *,\n        sum(CAST(opens AS INTEGER))\n"
        f"            OVER (PARTITION BY {by}, day ORDER BY ts) AS stretch\n    FROM opened\n)"
    )
    yield (
        f"stretches AS (\n    SELECT\n        {by}, day, min(ts) - {span} AS since,\n"
        f"        max(ts) AS until, max(n) AS n\n    FROM numbered GROUP BY {by}, day, stretch\n)"
    )


def _found(keys: dict[str, list[Field]]) -> str:
    by = ", ".join(f's."{key}"' for key in keys)
    who = (
        ""
        if "user_id" in keys
        else "\n    list(DISTINCT m.user_id ORDER BY m.user_id) AS candidates,"
    )
    return f"""SELECT
    {by},
    s.day,{who}
    max(s.n) AS most,
    CAST(count(DISTINCT m.event) AS INTEGER) AS matches,
    list(DISTINCT m.event ORDER BY m.event) AS events
FROM stretches AS s
JOIN matched AS m
    ON m.ts BETWEEN s.since AND s.until
    AND {" AND ".join(f'm."{key}" = s."{key}"' for key in keys)}
GROUP BY {by}, s.day"""
