"""Randomness as a pure function of (seed, stream, counters): no state, so no order matters.

Every draw hashes its counters with splitmix64's finaliser, as a polars expression over whole
columns or, with the same result, as one plain number.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

import polars as pl

_WORD = 2**64
_STEP, _FIRST, _SECOND = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB

Counter = str | pl.Expr


@dataclass(frozen=True)
class Chance:
    """Draws that depend on nothing but the seed, a stream's name and integer counters."""

    seed: int

    def uniform(self, stream: str, *counters: Counter) -> pl.Expr:
        """Return uniforms in [0, 1), one for each row's counters."""
        columns = [pl.col(at) if isinstance(at, str) else at for at in counters]
        return pl.map_batches(
            [column.cast(pl.UInt64) for column in columns],
            lambda series: _hashed(self._key(stream), series),
            return_dtype=pl.Float64,
            is_elementwise=True,
        )

    def normal(self, stream: str, *counters: Counter) -> pl.Expr:
        """Return standard normals, by Box and Muller."""
        radius = (-2 * (1 - self.uniform(f"{stream}/radius", *counters)).log()).sqrt()
        return radius * (2 * math.pi * self.uniform(f"{stream}/angle", *counters)).cos()

    def below(self, limit: int | pl.Expr, stream: str, *counters: Counter) -> pl.Expr:
        """Return integers in [0, limit)."""
        return (self.uniform(stream, *counters) * limit).floor().cast(pl.Int64)

    def count(self, median: float | pl.Expr, spread: float, stream: str, *at: Counter) -> pl.Expr:
        """Return lognormal counts; the fraction decides the last one, so the mean is kept."""
        amount = (self.normal(stream, *at) * spread).exp() * median
        return (amount + self.uniform(f"{stream}/rest", *at)).floor().cast(pl.Int64)

    def draw(self, stream: str, *counters: int) -> float:
        """Return what `uniform` gives for these counters, as one number."""
        bits = self._key(stream)
        for counter in counters:
            bits = _mixed_word(((bits ^ counter) + _STEP) % _WORD)
        return (bits >> 11) * 2.0**-53

    def bell(self, stream: str, *counters: int) -> float:
        """Return one standard normal."""
        radius = math.sqrt(-2 * math.log(1 - self.draw(f"{stream}/radius", *counters)))
        return radius * math.cos(2 * math.pi * self.draw(f"{stream}/angle", *counters))

    def pick(self, limit: int, stream: str, *counters: int) -> int:
        """Return one integer in [0, limit)."""
        return int(self.draw(stream, *counters) * limit)

    def _key(self, stream: str) -> int:
        return int.from_bytes(sha256(f"{self.seed}/{stream}".encode()).digest()[:8], "little")


def _hashed(key: int, counters: Sequence[pl.Series]) -> pl.Series:
    # Column by column, not as one expression: there each step would name its input twice.
    frame = pl.DataFrame({"bits": pl.zeros(len(counters[0]), dtype=pl.UInt64, eager=True)})
    frame = frame.with_columns(pl.col("bits") + _word(key))
    for counter in counters:
        frame = frame.with_columns((pl.col("bits") ^ counter) + _word(_STEP))
        frame = frame.with_columns(_folded(30) * _word(_FIRST))
        frame = frame.with_columns(_folded(27) * _word(_SECOND))
        frame = frame.with_columns(_folded(31))
    return (frame["bits"] // 2**11).cast(pl.Float64) * 2.0**-53


def _folded(shift: int) -> pl.Expr:
    # Polars multiplies unsigned columns modulo 2**64, as the hash wants it.
    return pl.col("bits") ^ (pl.col("bits") // _word(2**shift))


def _word(value: int) -> pl.Expr:
    return pl.lit(value, dtype=pl.UInt64)


def _mixed_word(bits: int) -> int:
    bits = (bits ^ (bits >> 30)) * _FIRST % _WORD
    bits = (bits ^ (bits >> 27)) * _SECOND % _WORD
    return bits ^ (bits >> 31)
