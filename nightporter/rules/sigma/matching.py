"""One Sigma condition, as pySigma parsed it, becomes a predicate over an event.

Every comparison is true or false, never NULL: a field that an event lacks matches no value, so
`not` of that comparison holds. Texts are compared without regard to case, as Sigma does.
"""

import functools
import re
import unicodedata
from collections.abc import Callable
from ipaddress import IPv4Network
from typing import Any

import duckdb
from sigma import conditions, types

from nightporter.errors import did_you_mean
from nightporter.rules.allowed import parser
from nightporter.rules.sigma.mapping import Field, Place, Refusal

_OPERATORS = {
    types.CompareOperators.LT: "<",
    types.CompareOperators.LTE: "<=",
    types.CompareOperators.GT: ">",
    types.CompareOperators.GTE: ">=",
    types.CompareOperators.NEQ: "<>",
}
_FLAGS = {
    types.SigmaRegularExpressionFlag.IGNORECASE: "i",
    types.SigmaRegularExpressionFlag.MULTILINE: "m",
    types.SigmaRegularExpressionFlag.DOTALL: "s",
}
_WILDCARDS = {types.SpecialChars.WILDCARD_MULTI: "%", types.SpecialChars.WILDCARD_SINGLE: "_"}
_OCTET = "(25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])"
_IPV4 = rf"{_OCTET}[.]{_OCTET}[.]{_OCTET}[.]{_OCTET}"


def predicate(node: Any, place: Place) -> str:
    """Return the SQL that is true for the events of `place` that `node` describes."""
    match node:
        case conditions.ConditionAND():
            return _joined(" AND ", node.args, place)
        case conditions.ConditionOR():
            return _joined(" OR ", node.args, place)
        case conditions.ConditionNOT():
            return f"NOT {_bracketed(predicate(node.args[0], place))}"
        case conditions.ConditionFieldEqualsValueExpression():
            return _compared(place, node.field, node.value)
        case conditions.ConditionValueExpression():
            message = f"the keyword {str(node.value)!r} names no field to look in"
            raise Refusal(message, str(node.value), "write it as `field|contains: keyword`")
    raise Refusal(f"the condition holds {type(node).__name__}, which is not supported", "condition")


def _joined(sign: str, nodes: list[Any], place: Place) -> str:
    return sign.join(_bracketed(predicate(node, place)) for node in nodes)


def _bracketed(sql: str) -> str:
    return f"({sql})"


def _compared(place: Place, name: str, value: types.SigmaType) -> str:
    if isinstance(value, types.SigmaExpansion):
        return " OR ".join(_bracketed(_compared(place, name, each)) for each in value.values)
    field = place[name]
    match value:
        case types.SigmaNull():
            return f"{field.sql} IS NULL"
        case types.SigmaExists():
            return f"{field.sql} IS {'NOT ' if value.exists else ''}NULL"
    _check_known(place, name, value)
    return f"coalesce({_plain(place, field, value)}, false)"


def _plain(place: Place, field: Field, value: types.SigmaType) -> str:
    """Return the comparison, NULL where the event lacks the field."""
    match value:
        case types.SigmaTimestampPart():
            raise Refusal(f"parts of the time of {field.name} are not supported", field.name,
                          "off_hours and day_type know each person's hours")  # fmt: skip
        case types.SigmaString():
            return _like(field, value)
        case types.SigmaNumber():
            same = value.number if field.kind == "number" else literal(str(value.number))
            return f"{field.sql if field.kind == 'number' else field.text} = {same}"
        case types.SigmaBool():
            return f"lower({field.text}) = '{str(value.boolean).lower()}'"
        case types.SigmaRegularExpression():
            return f"regexp_matches({field.text}, {literal(_regex(field, value))})"
        case types.SigmaCIDRExpression():
            return _cidr(field, value)
        case types.SigmaCompareExpression():
            return f"{_number(field)} {_OPERATORS[value.op]} {value.number.number}"
        case types.SigmaFieldReference():
            return _reference(field, place[value.field], value)
    raise Refusal(f"{field.name}: {type(value).__name__} is not supported", field.name)


def _check_known(place: Place, name: str, value: types.SigmaType) -> None:
    """Refuse a value that no log which is read can hold: the rule would be silent for ever."""
    known = place.only.get(name)
    if known is None or not isinstance(value, types.SigmaNumber | types.SigmaString):
        return
    if isinstance(value, types.SigmaString) and value.contains_special():
        return
    if str(value).lower() not in known:
        hint = did_you_mean(str(value), known)
        raise Refusal(f"no log that is read holds {name} {value!s}", name, hint)


def _like(field: Field, value: types.SigmaString) -> str:
    fold: Callable[[str], str] = "{}".format if _cased(value) else "lower({})".format
    if any(isinstance(part, types.Placeholder) for part in value.s):
        raise Refusal(f"{field.name}: placeholders are not supported", field.name)
    if not any(part in _WILDCARDS for part in value.s):
        text = "".join(str(part) for part in value.s)
        return f"{fold(field.text)} = {fold(literal(text))}"
    # ~ is the escape: a pattern of Windows paths stays readable.
    pattern = "".join(
        re.sub(r"([~%_])", r"~\1", part) if isinstance(part, str) else _WILDCARDS[part]
        for part in value.s
        if not isinstance(part, types.Placeholder)
    )
    return f"{fold(field.text)} LIKE {fold(literal(pattern))} ESCAPE '~'"


def _cased(value: types.SigmaString) -> bool:
    return isinstance(value, types.SigmaCasedString)


def _regex(field: Field, value: types.SigmaRegularExpression) -> str:
    flags = "".join(sorted(_FLAGS[flag] for flag in value.flags))
    # Without `s` a point is no line's end, whatever DuckDB would make of it.
    prefix = flags if "s" in flags else f"{flags}-s"
    pattern = f"(?{prefix}){value.regexp}"
    try:
        parser().cursor().execute("SELECT regexp_matches('', ?)", [pattern]).fetchall()
    except duckdb.Error as error:
        message = f"{field.name}: the regular expression {str(value.regexp)!r} is not one of RE2"
        raise Refusal(message, field.name, str(error).partition("\n")[0]) from None
    return pattern


def _cidr(field: Field, value: types.SigmaCIDRExpression) -> str:
    network = value.network
    if not isinstance(network, IPv4Network):
        raise Refusal(f"{field.name}: networks of IPv6 are not supported", field.name,
                      "one address is written in many ways; use |startswith")  # fmt: skip
    parts = (f"CAST(split_part({field.text}, '.', {n}) AS BIGINT) * {256 ** (4 - n)}"
             for n in range(1, 5))  # fmt: skip
    first, last = int(network.network_address), int(network.broadcast_address)
    return (
        f"CASE WHEN regexp_full_match({field.text}, '{_IPV4}')"
        f" THEN {' + '.join(parts)} BETWEEN {first} AND {last} END"
    )


def _number(field: Field) -> str:
    if field.kind == "number":
        return field.sql
    if field.kind == "text":
        return f"TRY_CAST({field.sql} AS DOUBLE)"
    raise Refusal(f"{field.name} is no number to compare", field.name)


def _reference(field: Field, other: Field, value: types.SigmaFieldReference) -> str:
    left, right = f"lower({field.text})", f"lower({other.text})"
    if value.starts_with and value.ends_with:
        return f"contains({left}, {right})"
    if value.starts_with:
        return f"starts_with({left}, {right})"
    return f"ends_with({left}, {right})" if value.ends_with else f"{left} = {right}"


def literal(text: str) -> str:
    """Return `text` as SQL on one line: what a reader cannot see is written by its number."""
    pieces: list[str] = []
    for part in re.split(f"([{_unseen()}])", text):
        if part:
            hidden = len(part) == 1 and re.match(f"[{_unseen()}]", part)
            pieces.append(f"chr({ord(part)})" if hidden else "'" + part.replace("'", "''") + "'")
    if not pieces:
        return "''"
    return pieces[0] if len(pieces) == 1 else f"({' || '.join(pieces)})"


@functools.cache
def _unseen() -> str:
    """Return controls and marks of direction, as the inside of a character class."""
    signs = (chr(n) for n in range(0x2070) if unicodedata.category(chr(n)) in ("Cc", "Cf"))
    return "".join(re.escape(sign) for sign in signs)
