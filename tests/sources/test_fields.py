"""The field map: what no file could mend is said at its line before any file is read."""

from pathlib import Path

import pytest

from nightporter.errors import ConfigError
from tests.sources.feeds import BADGE, csv_of, event, rows, take, workspace, write

FAULTS = {
    "an unknown column of ours": ('door_id = "door"', 'door = "door"', "did you mean door_id?"),
    "a required column missing": ('door_id = "door"\n', "", "does not map 'door_id'"),
    "the site among the fields": ('direction = "dir"', 'site = "dir"', "site_column"),
    "an unknown word": ("", '[feed.values.action]\nIN = "enter"', "did you mean entry?"),
    "values of no column": ("", '[feed.values.acton]\nIN = "entry"', "did you mean action?"),
    "a constant that is no word": ("", '[feed.constants]\noutcome = "ok"', "valid: failure"),
    "twice": ("", '[feed.constants]\ndirection = "in"', "both a field and a constant"),
    "no format": ('format = "csv"', 'format = "csv"\nstamp = "%Q"', "is no date and time"),
    "no year": ('format = "csv"', 'format = "csv"\nstamp = "%d.%m. %H:%M"', "says no year"),
    "a bare %f": ('format = "csv"', 'format = "csv"\nstamp = "%Y%m%d%H%M%S%f"', "is no date"),
    "a quote that delimits": ('format = "csv"', 'format = "csv"\nquote = ","', "told apart"),
}


@pytest.mark.parametrize(("old", "new", "says"), FAULTS.values(), ids=FAULTS)
def test_a_wrong_map_is_refused_with_its_line(
    tmp_path: Path, old: str, new: str, says: str
) -> None:
    made = workspace(tmp_path, BADGE.replace(old, new) if old else BADGE + new)
    write(tmp_path, "a.csv", csv_of(event()))
    with pytest.raises(ConfigError) as raised:
        take(made)
    assert says in str(raised.value)
    line, text = raised.value.line, raised.value.text
    assert line is not None
    assert (tmp_path / "nightporter.toml").read_text().splitlines()[line - 1] == text


def test_a_template_joins_columns(tmp_path: Path) -> None:
    toml = BADGE.replace('"time"', '"{date} {time}"').replace('"door"', '"F{floor}-{door}"')
    made = workspace(tmp_path, toml)
    lines = b"date,time,card,floor,door,event,dir\n" + b"2024-05-01,10:00:00,b1,2,d,entry,in\n"
    write(tmp_path, "a.csv", lines + b",,b1,2,d,entry,in\n2024-05-01,11:00:00,b1,,,entry,in\n")
    take(made)
    assert rows(made).sort("line").select("door_id", "local_ts").row(0)[0] == "F2-d"
    assert rows(made).sort("line")["door_id"].to_list() == ["F2-d", None]
    assert rows(made, "rejects")["reason"].to_list() == ["no_stamp"]


def test_a_template_names_the_column_it_lacks(tmp_path: Path) -> None:
    made = workspace(tmp_path, BADGE.replace('"door"', '"F{floor}-{door}"'))
    write(tmp_path, "a.csv", csv_of(event()))
    error = take(made).problems[0]
    assert "has no column 'floor'" in str(error)
    assert error.text == 'door_id = "F{floor}-{door}"'
