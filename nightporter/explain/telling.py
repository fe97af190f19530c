"""An answer in plain words: observed value, knob, and how near it was.

Values come from logs that an adversary may have written: here they are short and harmless.
"""

from nightporter.explain.account import Answer
from nightporter.explain.nearest import Alternatives, Condition, Met
from nightporter.hostile import brief
from nightporter.rules import shown

# So much of a condition's SQL is shown.
_LONGEST = 80


def told(answer: Answer) -> str:
    """Return what one detector has to say, in one line: what fails first, then what holds."""
    near = answer.nearest
    if answer.reason or near is None:
        where = f" (in {near.place})" if near and near.place and near.conditions else ""
        return f"{brief(answer.reason)}{where}"
    met = sorted(near.conditions, key=lambda each: each.holds)
    where = f"in {near.place}: " if near.place else ""
    return where + "; ".join(_met(each) for each in met if not _goes_without_saying(each))


def _goes_without_saying(met: Met) -> bool:
    """What only says which rows are asked about, and holds, tells a reader nothing."""
    return isinstance(met, Condition) and met.holds and (met.sign in ("", "=") and not met.knobs)


def _met(met: Met) -> str:
    if isinstance(met, Alternatives):
        inner = " and ".join(_met(each) for each in met.nearest)
        ways = "another way" if met.others == 1 else f"one of {met.others} other ways"
        more = f", or {ways}" if met.others and not met.holds else ""
        return f"({inner}{more})" if len(met.nearest) > 1 or more else inner
    if not met.sign:
        return f"{brief(met.text, _LONGEST)}: {'ok' if met.holds else 'no'}"
    name, value = brief(met.name, _LONGEST), shown(met.observed)
    if met.holds:
        return f"{name} {value} {met.sign} {_wanted(met)} ok"
    if met.observed is None:
        return f"{name} unknown, needs {met.sign} {_wanted(met)}"
    between = {">=": " of ", "<=": " over "}.get(met.sign, f", needs {met.sign} ")
    return f"{name} {value}{between}{_wanted(met)}"


def _wanted(met: Condition) -> str:
    """`min_files 50`; where a knob is but a part of it, the whole and the knobs."""
    knobs = ", ".join(f"{name} {value:g}" for name, value in met.knobs.items())
    if met.bare:
        return knobs
    return f"{shown(met.wanted)} ({knobs})" if knobs else shown(met.wanted)
