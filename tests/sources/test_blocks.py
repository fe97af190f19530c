"""A block finds few of its lines one by one, and many all at once: both give the same bytes."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightporter.sources.blocks import Lines


@given(st.lists(st.binary(max_size=12).map(lambda raw: raw.replace(b"\n", b"")), min_size=1))
@pytest.mark.parametrize("ended", [True, False])
def test_every_line_is_found_alone(ended: bool, lines: list[bytes]) -> None:
    if not ended and not lines[-1]:
        lines[-1] = b"x"
    data = b"\n".join(lines) + b"\n" * ended
    found = [Lines(data)[row] for row in range(len(lines))]
    assert found == list(Lines(data)) == lines
    assert len(Lines(data)) == len(lines)


def test_lines_beyond_the_first_stride_and_after_many_questions() -> None:
    draw = random.Random(5)
    lines = [b"%d," % n + b"x" * draw.randrange(300) for n in range(5_000)]
    held = Lines(b"\n".join(lines) + b"\n")
    for row in [0, 4_999, *(draw.randrange(5_000) for _ in range(500))]:
        assert held[row] == lines[row]
