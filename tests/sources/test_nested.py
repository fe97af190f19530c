"""What a feed asks of a log's columns: JSON inside, one entry alone, only some lines."""

from pathlib import Path

import pytest

from nightporter.errors import ConfigError
from tests.sources.feeds import rows, take, workspace, write

DRIVE = """
[[feed]]
name = "drive"
source = "access"
paths = ["logs/*"]
format = "ndjson"
[feed.fields]
ts = "id.time"
account = ["actor.email", "actor.key"]
action = "events.0.name"
resource = "events.0.parameters[title].value"
[feed.only]
app = ["drive", "docs"]
"""
AUDIT = """
[[feed]]
name = "audit"
source = "access"
paths = ["logs/*"]
format = "csv"
json = ["Data"]
[feed.fields]
ts = "At"
account = ["Data.UserId", "User"]
action = "Data.Operation"
src_ip = "Data.More[ip].Value"
host = ["Machine", "{Data.a}/{Data.b}"]
"""


def line(name: str = "view", app: str = "drive", more: str = "") -> str:
    parameters = '[{"name": "x", "value": "1"}, {"name": "title", "value": "T"}]'
    event = f'{{"name": "{name}", "parameters": {parameters}}}'
    return (
        '{"id": {"time": "2026-01-01T10:00:00Z"}, "actor": {"key": "wei"},'
        f' "app": "{app}", "events": [{event}{more}]}}\n'
    )


def test_a_name_picks_from_a_list_what_is_called_so(tmp_path: Path) -> None:
    made = workspace(tmp_path, DRIVE)
    write(tmp_path, "a", line().encode())
    assert take(made).problems == ()
    assert rows(made).select("account", "action", "resource").rows() == [("wei", "view", "T")]


def test_lines_that_are_not_asked_for_are_ignored_and_counted(tmp_path: Path) -> None:
    made = workspace(tmp_path, DRIVE)
    write(tmp_path, "a", (line() + line(app="login") + "oops\n" + line(app="docs")).encode())
    load = take(made)
    assert (load.lines, load.accepted, load.rejected, load.ignored) == (4, 2, 1, 1)
    assert rows(made)["line"].sort().to_list() == [1, 4]
    assert rows(made, "loads")["ignored"].to_list() == [1]


def test_a_reject_after_an_ignored_line_keeps_its_own_text(tmp_path: Path) -> None:
    made = workspace(tmp_path, DRIVE)
    bad = line().replace("2026-01-01T10", "yesterday")
    write(tmp_path, "a", (line(app="login") + bad + line()).encode())
    take(made)
    (reject,) = rows(made, "rejects").select("line", "raw").rows()
    assert reject == (2, bad.rstrip().encode())


def test_a_file_without_the_column_that_picks_lines_is_a_fault(tmp_path: Path) -> None:
    made = workspace(tmp_path, DRIVE.replace("app = [", "appl = ["))
    write(tmp_path, "a", line().encode())
    (problem,) = take(made).problems
    assert isinstance(problem, ConfigError)
    assert "has no column 'appl'" in str(problem)
    assert "did you mean app?" in str(problem)


def test_a_second_entry_is_refused_not_lost(tmp_path: Path) -> None:
    made = workspace(tmp_path, DRIVE.replace("[feed.fields]", 'single = "events"\n[feed.fields]'))
    write(tmp_path, "a", (line() + line(more=', {"name": "download"}')).encode())
    take(made)
    assert rows(made, "rejects").select("line", "reason").rows() == [(2, "several_events")]
    assert len(rows(made)) == 1


def test_json_in_a_column_is_reached_by_dots(tmp_path: Path) -> None:
    made = workspace(tmp_path, AUDIT)
    data = '{"UserId": "u", "Operation": "view", "a": 1, "More": [{"Name": "ip", "Value": "1.2"}]}'
    quoted = data.replace('"', '""')
    write(
        tmp_path,
        "a",
        (
            f'At,User,Data\n2026-01-01T10:00:00Z,w,"{quoted}"\n'
            '2026-01-01T10:00:00Z,w,"{""Operation"": ""print""}"\n'
            "2026-01-01T10:00:00Z,w,oops\n2026-01-01T10:00:00Z,w,[1]\n2026-01-01T10:00:00Z,w,\n"
        ).encode(),
    )
    assert take(made).problems == ()
    found = rows(made).sort("line").select("line", "account", "action", "src_ip", "host").rows()
    assert found == [
        (2, "u", "view", "1.2", "1/"),
        (3, "w", "print", None, None),
        (6, "w", "other", None, None),
    ]
    refused = rows(made, "rejects").sort("line").select("line", "reason").rows()
    assert refused == [(4, "bad_json"), (5, "bad_json")]


def test_a_file_may_lack_the_json_column_of_a_second_choice(tmp_path: Path) -> None:
    toml = AUDIT.replace('["Data.UserId", "User"]', '["User", "Data.UserId"]')
    toml = toml.replace('"Data.Operation"', '"Op"').partition("src_ip")[0]
    made = workspace(tmp_path, toml)
    write(tmp_path, "a", b"At,User,Op\n2026-01-01T10:00:00Z,w,view\n")
    assert take(made).problems == ()
    assert rows(made)["account"].to_list() == ["w"]


@pytest.mark.parametrize("packed", [True, False], ids=["alone", "with another"])
def test_ignored_lines_survive_a_crash_before_loads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, packed: bool
) -> None:
    from nightporter.lake import Lake

    made = workspace(tmp_path, DRIVE)
    write(tmp_path, "a", (line() + line(app="login") + ("" if packed else "x\n")).encode())
    append = Lake.append

    def crash(lake: Lake, table: str, *rest: object) -> None:
        if table == "loads":
            raise RuntimeError("power cut")
        append(lake, table, *rest)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(Lake, "append", crash)
        with pytest.raises(RuntimeError, match="power cut"):
            take(made)
    take(made)
    (load,) = rows(made, "loads").select("accepted", "ignored", "duplicates").rows()
    assert load == (1, 1, 0)


def test_a_json_column_may_be_called_place(tmp_path: Path) -> None:
    made = workspace(tmp_path, AUDIT.replace("Data", "place"))
    write(tmp_path, "a", b'At,User,Machine,place\n2026-01-01T10:00:00Z,wei,pc,"{}"\n')
    assert take(made).accepted == 1
    assert rows(made)["account"].to_list() == ["wei"]
