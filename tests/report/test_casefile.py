"""The case file of one person: what stands in it, who has one, and that nothing is cut unsaid."""

import itertools
import re
from datetime import date, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from reported import DAY, NOON, Outline, Row, Site, evidence, finding, load, window

from nightporter.report.record import Record, write_record

CASE = "c0ffee00"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def case(**said: Any) -> Row:
    return {"case_id": CASE, "user_id": "ana", "opened": DAY, "first_day": DAY, "last_day": DAY,
            "findings": 1, "level": "high", "status": "open", **said}  # fmt: skip


def event(at: int, **said: Any) -> Row:
    when = NOON + timedelta(minutes=at)
    return {"event": f"access/a/{at}", "source": "access", "user_id": "ana", "day": DAY,
            "ts": when, "local_ts": when.replace(tzinfo=None), "site": "BER", "feed": "files",
            "line": at, "action": "view", "host": "pc-1", "resource": f"/{at}.txt",
            **said}  # fmt: skip


def act(**said: Any) -> Row:
    return {"act_id": "1", "said_at": NOON, "account": "vera", "case_id": CASE, "user_id": "ana",
            "act": "note", "second": False, "day": DAY, **said}  # fmt: skip


def file_of(site: Site, name: str = CASE, **more: Any) -> str:
    return (site.page(**more).parent / "people" / f"{name}.html").read_text("utf-8")


def part(text: str, id: str) -> str:
    return text.partition(f'<section id="{id}"')[2].partition("</section>")[0]


def test_who_is_listed_or_has_an_open_case_has_a_file_that_is_called_by_the_case(
    site: Site,
) -> None:
    site.scanned(finding())
    site.holds(
        cases=[
            case(),
            case(case_id="b0", user_id="bo"),
            case(case_id="d0", user_id="dora", status="dormant"),
            case(case_id="e0", user_id="eve"),
        ],
        verdicts=[act(act="status", value="closed", case_id="e0", user_id="eve")],
    )
    page = site.page()
    names = sorted(path.name for path in (page.parent / "people").iterdir())
    assert names == ["b0.html", f"{CASE}.html"]
    text = page.read_text("utf-8")
    assert f'href="people/{CASE}.html"' in text and 'href="people/b0.html"' in text
    assert "2 open cases, 2 without an owner, 0 overdue" in text


def test_a_file_goes_when_the_report_of_that_day_names_its_person_no_longer(site: Site) -> None:
    site.scanned(finding())
    stale = site.page().parent / "people" / "dead.html"
    stale.write_text("")
    site.holds(cases=[case()])
    site.page()
    assert [path.name for path in stale.parent.iterdir()] == [f"{CASE}.html"]


DESK = '[desk]\nwatchers_to = ["boss"]\n[desk.analysts]\nboss = "bea"\n'


def test_the_cases_of_watchers_have_no_file_and_no_word_in_the_report(site: Site) -> None:
    toml = site.root / "nightporter.toml"
    toml.write_text(f"{DESK}{toml.read_text()}")
    (site.root / "context" / "people.csv").write_text(
        "user_id,name,watcher\nmole,Mo Le,true\nbea,Bea,\n"
    )
    site.scanned(finding(), finding(finding_id="f2", user_id="mole", sentence="mole took it"))
    site.holds(cases=[case(), case(case_id="ee", user_id="mole")])
    folder = site.page().parent
    assert [path.stem for path in (folder / "people").iterdir()] == [CASE]
    assert "mole" not in "".join(path.read_text("utf-8") for path in folder.rglob("*.html"))


def test_the_timeline_marks_what_was_flagged_and_joins_like_events(site: Site) -> None:
    site.scanned(finding())
    site.holds(
        cases=[case()], evidence=[evidence(event="access/a/4", line=4)],
        flagged=[event(at) for at in range(1, 5)]
        + [event(5, source="badge", event="badge/b/5", host=None, door_id="D1", resource=None,
                 action="entry", zone="lab")],
    )  # fmt: skip
    text = file_of(site)
    days = part(text, "days")
    assert "The whole of 2026-06-29: 5 events" in days
    table = days.partition('class="stack line"')[2].partition("</tbody>")[0].partition("<tbody>")[2]
    rows = [re.sub(r"<[^>]+>", " ", row) for row in table.split("</tr>") if row.strip()]
    assert len(rows) == 3
    assert "× 3" in rows[0] and "/1.txt" in rows[0] and "and 2 more" in rows[0]
    assert "◆ bulk" in rows[1] and "files:4" in rows[1]
    assert "◆" not in rows[0] + rows[2] and "entry" in rows[2]
    assert re.search(r"door</td><th[^>]*><bdi>D1</bdi></th><td[^>]*><bdi>lab", part(text, "things"))
    assert '<td class="some">5<span class="mark" title="flagged">◆' in part(text, "hours")


def test_of_a_long_day_the_flagged_rows_stay_and_the_total_is_said(site: Site) -> None:
    site.scanned(finding())
    site.holds(
        cases=[case()], evidence=[evidence(event="access/a/199", line=199)],
        flagged=[event(at, host=f"pc-{at}") for at in range(200)],
    )  # fmt: skip
    days = part(file_of(site), "days")
    assert "60 of 200 rows" in days and "◆ bulk" in days and "FROM timeline(" in days


def test_of_many_days_the_newest_and_the_gravest_are_shown_and_the_total_is_said(
    site: Site,
) -> None:
    days = [DAY - timedelta(days=at) for at in range(20)]
    site.scanned(
        *(
            finding(finding_id=f"f{n}", day=day, level="critical" if n == 15 else "low")
            for n, day in enumerate(days)
        )
    )
    site.holds(cases=[case()])
    text = part(file_of(site), "days")
    shown = [date.fromisoformat(day) for day in re.findall(r'<h3 id="d([0-9-]+)"', text)]
    assert shown == [*days[:7], days[15]]
    assert "8 of 20 days: the newest, and the gravest before them" in text


def test_it_says_of_a_finding_that_others_may_be_meant(site: Site) -> None:
    site.scanned(finding(user_id=None, candidates=["ana", "bo", "cy"]))
    site.holds(cases=[case()])
    text = file_of(site)
    for id in ("found", "days"):
        assert "one of 3 who may be meant" in part(text, id)


def test_the_habit_is_that_of_the_numbers_which_the_finding_rests_on(site: Site) -> None:
    site.scanned(finding())
    numbers = {"user_id": "ana", "day": DAY, "usual": 2.0, "usual_max": 5.5, "peers": 1.0}
    site.holds(
        cases=[case()],
        user_day=[{**numbers, "feature": "downloads", "x": 900.0},
                  {**numbers, "feature": "prints", "x": 800.0}],
    )  # fmt: skip
    habits = part(file_of(site), "habits")
    assert "downloads" in habits and "prints" not in habits
    assert "900 ▲" in habits and ">5.5<" in habits


def test_what_analysts_said_stands_in_the_file_at_once(site: Site) -> None:
    site.scanned(finding())
    site.holds(cases=[case()])
    assert "Nothing yet" in file_of(site)
    site.holds(verdicts=[
        act(act="verdict", value="confirmed", note="asked the team", second=True),
        act(act_id="2", act="due", value=str(DAY)),
    ])  # fmt: skip
    said = part(file_of(site), "case")
    assert "asked the team" in said and "verdict confirmed (needs a second person)" in said
    assert "Waits for a second person:</strong> verdict confirmed, said by vera" in said
    text = site.text()
    assert "1 open case, 1 without an owner, 1 overdue" in text and "1 case overdue" in text


def test_the_report_says_what_became_of_cases_since_the_one_before(site: Site) -> None:
    site.scanned(finding())
    site.holds(cases=[
        case(), case(case_id="b0", user_id="bo", status="dormant"),
        case(case_id="d0", user_id="dora"), case(case_id="e0", user_id="eve", status="withdrawn"),
    ])  # fmt: skip
    before = site.root / "reports" / "2026-06-28"
    before.mkdir(parents=True)
    states = {"b0": "open", "d0": "open", "e0": "open"}
    write_record(before, Record(DAY - timedelta(days=1), NOON, "", (), {}, states))
    said = part(site.text(), "cases")
    assert "2026-06-28: 1 new, 0 open again, 1 dormant, 0 closed, 1 withdrawn" in said
    assert "dormant: <bdi>bo</bdi>" in said and "dora" not in said.partition("<table")[0]


def test_footage_is_told_until_it_is_overwritten(site: Site) -> None:
    doors = site.root / "context" / "doors.csv"
    doors.write_text("door_id,camera_days\nkept,14\nfor_good,20260101\ngone,0\nunseen,\n")
    site.scanned(finding())
    site.holds(
        cases=[case()],
        evidence=[
            evidence(source="badge", place=door, event=f"badge/b/{at}")
            for at, door in enumerate(("kept", "for_good", "gone", "unseen", "unknown"))
        ],
    )
    told = re.findall(r"<bdi>(\w+)</bdi>", part(file_of(site), "cameras"))
    footage = part(site.text(), "footage")
    assert told == ["kept", "for_good"] and "2026-07-13" in footage
    assert not re.search("gone</bdi>|unseen|unknown", footage)


def test_footage_of_a_finding_older_than_the_list_is_told(site: Site) -> None:
    (site.root / "context" / "doors.csv").write_text("door_id,camera_days\nold,60\nolder,39\n")
    seen = DAY - timedelta(days=40)
    site.scanned(finding(day=seen), run="newest")
    before = [DAY - timedelta(days=ago) for ago in range(1, 42)]
    site.holds(windows=[window(stage="features", day=day, run_id="r") for day in before])
    site.holds(
        evidence=[
            evidence(source="badge", place=door, event=f"badge/b/{door}", day=seen,
                     local_ts=NOON.replace(tzinfo=None) - timedelta(days=40))
            for door in ("old", "older")
        ]
    )  # fmt: skip
    footage = part(site.text(), "footage")
    assert "<bdi>old</bdi>" in footage and "older" not in footage.partition("<tbody>")[2]


def test_a_case_that_is_overdue_stands_there_though_it_is_dormant(site: Site) -> None:
    site.scanned(finding())
    site.holds(
        cases=[case(status="dormant"), case(case_id="d0", user_id="dora", status="dormant")],
        verdicts=[act(act="due", value="2026-06-20")],
    )
    text = site.text()
    assert "1 case overdue" in text
    told = part(text, "cases")
    assert "1 overdue" in told and "dormant" in told.partition("<tbody>")[2]
    assert "dora" not in told


def test_where_no_door_has_a_camera_nothing_is_said_of_any(site: Site) -> None:
    site.scanned(finding())
    site.holds(evidence=[evidence(source="badge", place="D1")])
    assert "footage-title" not in site.text()


class Reach(HTMLParser):
    """What a keyboard and a screen reader need of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.faults: list[str] = []
        self._ids: set[str] = set()
        self._open: list[str] = []
        self._last: dict[str, str | None] = {}
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        if self._open[-1:] == ["table"] and tag != "caption":
            self.faults.append("a table without a caption")
        self._open.append(tag)
        if tag == "html" and said.get("lang") != "en":
            self.faults.append("no language")
        if tag == "th" and "scope" not in said:
            self.faults.append("a th without a scope")
        if said.get("role") in ("region", "img") and not {"aria-label", "aria-labelledby"} & set(
            said
        ):
            self.faults.append(f"a nameless {said['role']}")
        if tag == "svg" and "aria-hidden" not in said and self._last.get("role") != "img":
            self.faults.append("a picture without words")
        self._last = said
        if (id := said.get("id")) in self._ids:
            self.faults.append(f"two of {id}")
        self._ids |= {id} if id else set()


def test_every_page_can_be_read_without_eyes_and_mouse(site: Site) -> None:
    site.scanned(finding(), finding(finding_id="f2", user_id="bo"))
    site.holds(
        cases=[case()], evidence=[evidence(), evidence(finding_id="f2")],
        loads=[load(path="x")], flagged=[event(1)],
        windows=[window(stage="doors", status="failed", reason="broke")],
        user_hour=[{"user_id": "ana", "day": DAY, "hour": 9, "events": 1, "off_hours": 0}],
        user_day=[{"user_id": "ana", "day": DAY, "feature": "downloads", "x": 9.0}],
        rejects=[{"feed": "files", "file_id": "a", "line": 1, "reason": "x", "raw": b"x"}],
        verdicts=[act()],
    )  # fmt: skip
    pages = [path.read_text("utf-8") for path in site.page().parent.rglob("*.html")]
    assert len(pages) == 3
    for page in pages:
        assert Reach(page).faults == []
        tags = [tag for tag, _ in Outline(page).elements]
        levels = [int(tag[1]) for tag in tags if re.fullmatch(r"h[1-6]", tag)]
        assert levels[0] == 1 and levels.count(1) == 1
        assert all(later <= before + 1 for before, later in itertools.pairwise(levels))
        assert tags.count("main") == 1 and "script" not in tags
