"""With pseudonyms on no output holds a person's id, account, card or name."""

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb
import pytest
from small import TOML, House

from nightporter.cli import console
from nightporter.cli.app import main
from nightporter.desk import analysts
from nightporter.findings import finding_id
from nightporter.names import PLAIN
from nightporter.risk.cases import case_id

FIELDS = '  account = "who"\n  action = "what"\n'
MORE = FIELDS + '  resource = "path"\n  host = "client"\n'
PEOPLE = """\
user_id,name,manager,watcher
hbrandis,Henrike Brandis,avelten,false
avelten,Ansgar Velten,,false
"""
ACCOUNTS = "account,user_id,kind\nhbrandis,hbrandis,person\nadm-brand,hbrandis,privileged\n"
BADGES = "badge_id,user_id\n100254,hbrandis\n100291,avelten\n"
HOSTS = "host,owner\nHAV-PC-001,hbrandis\n"
DOORS = "door_id,site,camera_days\ngate,MAIN,30\n"
EXCEPTION = """\
[exception.brandis-moves]
who = { user_id = "hbrandis" }
what = { host = "HAV-PC-077" }
detector = "odd"
owner = "avelten"
reason = "Henrike Brandis moves the archive"
ticket = "SEC-1"
expires = 2026-03-20
"""
# A path, a host and an account may hold a name; a broken line does.
LINES = """\
time,who,what,path,client
2026-03-02 10:00:00,hbrandis,download,/users/avelten/Brandis Henrike.doc,LT-hbrandis
2026-03-02 10:01:00,adm-brand,download,/x/O'H%22<b>hbrandis</b>.doc,HAV-PC-001
2026-03-02 10:02:00,ADM-BRAND,download,/x,HAV-PC-001
2026-03-02 10:03:00,gone.person,download,/users/gone.person/x,HAV-PC-009
nonsense,hbrandis,download,/x,HAV-PC-001
"""
SECRETS = ("hbrandis", "avelten", "brandis", "velten", "henrike", "ansgar", "adm-brand",
           "gone.person", "100254", "100291", "hav-pc-001")  # fmt: skip
PSEUDONYM = r"(person|account|badge|host)-[0-9a-f]{8}"
# These count, or name files.
SILENT = (
    r"status|report|doctor|explain nobody|case hold|export.*--out|.*--html|reveal a|name of"
    r"|bytes of (?!index|[0-9a-f]{16})"
    r"|findings.duckdb (?!findings|evidence|events|cases|risk|people$|hosts|rejects)"
)
RULE = """\
SELECT user_id, day, count(*) AS n, max(host) AS host, max(resource) AS path,
    list(event ORDER BY event) AS events
FROM access GROUP BY ALL;
"""
CAME = """\
SELECT user_id, day, count(*) AS n, list(event ORDER BY event) AS events FROM badge GROUP BY ALL;
"""
Typed = Callable[..., str]


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    house = House(tmp_path / "house", monkeypatch)
    toml = TOML.replace(FIELDS, MORE, 1)
    (house.root / "nightporter.toml").write_text(
        f"{toml}\n[risk]\nfloor = 0.0\n[names]\npseudonyms = true\n"
    )
    tables = {"people": PEOPLE, "accounts": ACCOUNTS, "badges": BADGES, "hosts": HOSTS,
              "doors": DOORS}  # fmt: skip
    for name, text in tables.items():
        (house.root / "context" / f"{name}.csv").write_text(text)
    (house.root / "exceptions").mkdir()
    (house.root / "exceptions" / "moves.toml").write_text(EXCEPTION)
    (house.root / "logs" / "files-1.csv").write_text(LINES)
    house.doors("1", "2026-03-02 09:00 100254 entry", "2026-03-02 09:01 100291 entry")
    house.rule("odd", RULE, "{user_id} took {n} on {host}, {path}")
    house.rule("came", CAME, "{user_id} came {n} times")
    odd = house.root / "own" / "misuse" / "odd.sql"
    text = odd.read_text().replace('level = "low"', 'level = "critical"')
    odd.write_text(text)
    (house.root / "other" / "misuse").mkdir(parents=True)
    (house.root / "other" / "misuse" / "odd.sql").write_text(
        text.replace("FROM access", "FROM access WHERE host IS NULL")
    )
    (house.root / "own" / "misuse" / "unseen.sql").unlink()
    for place in ("explain", "exceptions", "findings", "hold", "sql"):
        monkeypatch.setattr(f"nightporter.cli.{place}.load_pack", house.pack)
    monkeypatch.setattr(console, "_masking", lambda: PLAIN)
    monkeypatch.setattr(console, "_log", None)
    return house


@pytest.fixture
def typed(
    house: House, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Typed:
    """What a command says on both channels."""

    def run(*words: str, by: str = "lena") -> str:
        monkeypatch.setattr(analysts, "machine_account", lambda: by)
        with pytest.raises(SystemExit):
            main([*words, "--workspace", str(house.root)])
        said = capsys.readouterr()
        return said.out + said.err

    return run


def _everything(root: Path, typed: Typed) -> dict[str, str]:
    """All that leaves the lake, by where it stands."""
    said = {"nightly": typed("nightly", "--as-of", "2026-03-03T06:00")}
    who = re.search(r"^ +1  (\S+)", said["nightly"], re.M)
    assert who, said["nightly"]
    case = typed("sql", "SELECT case_id FROM cases LIMIT 1").split()[1]
    for words in (
        "findings", "case list", f"case show {case}", "status",
        f"triage {case} --note seen", f"case hold {case} --note law", "report",
        f"explain {who[1]} --json",
        *(f"export --format {each}" for each in ("ocsf", "csv", "jsonl")),
        f"export --format csv --out {root}/exports/all.csv", "doctor", "explain nobody",
        f"findings --user {who[1]}", "exceptions list",
        f"detectors diff odd {root}/other/misuse/odd.sql",
        "detectors scorecard --json", f"detectors scorecard --html {root}/exports/scorecard.html",
        f"detectors coverage --html {root}/exports/coverage.html",
        f"reveal {who[1]} --reason law", "reveal --list",
    ):  # fmt: skip
        said[words] = typed(*words.split())
    said["sql"] = typed("sql", f"SELECT user_id, resource FROM access WHERE user_id = '{who[1]}'")
    with duckdb.connect(str(root / "findings.duckdb"), read_only=True) as con:
        for (table,) in con.execute("SELECT table_name FROM duckdb_tables()").fetchall():
            said[f"findings.duckdb {table}"] = str(con.execute(f"FROM {table}").fetchall())
    for name in ("findings.duckdb", "state/nightly.log"):
        said[f"bytes of {name}"] = (root / name).read_bytes().decode("latin-1")
    for path in (*root.glob("reports/**/*"), *root.glob("exports/*")):
        said[f"name of {path.name}"] = path.name
        if path.is_file():
            said[f"bytes of {path.name}"] = path.read_text("utf-8")
    (page,) = root.glob("reports/*/index.html")
    assert "Footage" in said["bytes of index.html"] and len(list(page.parent.glob("people/*"))) == 3
    return said


def _found(said: dict[str, str]) -> list[str]:
    return [
        f"{secret} in {place}: ...{text[max(0, at - 60) : at + 60]}..."
        for place, text in said.items()
        for secret in SECRETS
        if (at := text.lower().find(secret)) >= 0
    ]


def test_no_output_holds_a_name_until_pseudonyms_are_off(house: House, typed: Typed) -> None:
    said = _everything(house.root, typed)
    assert _found(said) == []
    # What was searched is not empty: each place speaks of somebody.
    mute = [key for key, text in said.items() if not re.search(PSEUDONYM, text)]
    assert [key for key in mute if not re.match(SILENT, key)] == []
    assert _told_by_trying(house.root) == set()
    _turn_off(house.root)
    again = typed("nightly", "--as-of", "2026-03-03T06:00")
    page = next((house.root / "reports").glob("*/index.html"))
    files = " ".join(path.read_text("utf-8") for path in page.parent.glob("people/*.html"))
    with duckdb.connect(str(house.root / "findings.duckdb"), read_only=True) as con:
        rows = str(con.execute("SELECT user_id, sentence FROM findings").fetchall())
    for text in (
        again,
        page.read_text("utf-8"),
        files,
        rows,
        typed("findings"),
        typed("export", "--format", "jsonl"),
    ):
        assert "hbrandis" in text and not re.search(PSEUDONYM, text)


def _told_by_trying(root: Path) -> set[str]:
    """The ids that who knows names, detectors and days makes of them."""
    with duckdb.connect(str(root / "findings.duckdb"), read_only=True) as con:
        shown = {id for (id,) in con.execute("SELECT finding_id FROM evidence").fetchall()}
        cases = {id for (id,) in con.execute("SELECT case_id FROM cases").fetchall()}
        columns = con.sql("FROM exceptions").columns
    assert shown and cases and "reason" in columns
    tried = {
        finding_id(rule, {"user_id": "hbrandis"}, date(2026, 3, 2)) for rule in ("odd", "came")
    }
    tried |= {case_id("hbrandis", id) for id in shown | tried}
    return (shown | cases) & tried | set(columns) & {"digest"}


def _turn_off(root: Path) -> None:
    toml = root / "nightporter.toml"
    toml.write_text(toml.read_text().replace("pseudonyms = true", "pseudonyms = false"))
