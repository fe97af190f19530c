"""What a tired reader finds on the page, for nobody, somebody and a crowd."""

import base64
import hashlib
import itertools
import re
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest
from reported import DAY, DETECTORS, PARTS, TOML, Outline, Site, evidence, finding, load, window

from nightporter import config
from nightporter.errors import ConfigError
from nightporter.report import write_report
from nightporter.workspace import lake_of


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def test_a_quiet_first_night_says_so_at_the_top(site: Site) -> None:
    site.scanned()
    text = site.text()
    assert "Nobody to look at" in text
    assert "Nothing failed" in text
    assert "First report" in text
    assert "1 detector</strong> all judged this day" in text


def test_one_person_has_the_sentence_the_evidence_and_the_parts_of_the_risk(site: Site) -> None:
    site.scanned(finding())
    site.holds(
        evidence=[evidence(event=f"access/a/{at}", line=at) for at in range(11)],
        loads=[load(path="logs/2026-06.csv")],
    )
    text = site.text()
    assert "1 person to look at" in text
    assert "ana took 9 files" in text
    assert "2026-06-29 14:00:00 BER" in text
    assert "files:7" in text and "files:8" not in text
    assert "2026-06.csv" in text
    assert "8 of 11 raw rows" in text
    assert "Risk 99.0 = (3.0 of the six weeks to that day + twice 5.0" in text
    assert "nightporter findings --user ana --all" in text
    assert "an errand" in text


def test_what_failed_or_was_not_judged_stands_at_the_top(site: Site) -> None:
    site.scanned()
    site.holds(
        windows=[
            window(stage="doors", day=DAY - timedelta(days=1)),
            window(stage="doors", status="not_evaluated", reason="no feed of badge events"),
        ],
        feed_day=[{"feed": "files", "source": "access", "site": "BER", "day": DAY, "events": 0,
                   "silent": True}],
    )  # fmt: skip
    site.page(problems=["logs/x.csv: nothing matches"])
    text = site.text(problems=[])  # the next run finds nothing new to read
    top = text.partition("<main>")[0]
    assert "1 thing failed" in top
    assert "1 of 2 detectors blind" in top
    assert "1 log silent" in top
    assert "logs/x.csv: nothing matches" in text
    assert "no feed of badge events" in text
    assert "silent since 2026-06-29" in text


def test_a_detector_that_failed_is_told_though_no_run_says_so_any_more(site: Site) -> None:
    """A night of several days writes one report: who asks for that of another day hears it, too."""
    site.scanned()
    site.holds(windows=[window(stage="doors", status="failed", reason="doors.sql: out of memory")])
    for text in (site.text(), site.text(problems=["doors.sql: out of memory"])):
        assert "1 thing failed" in text.partition("<main>")[0]
        assert "1 of 2 detectors blind" in text.partition("<main>")[0]
        assert "<pre>doors.sql: out of memory" in text


def test_a_crowd_is_counted_and_nobody_is_left_out(site: Site) -> None:
    users = [f"u{at:03}" for at in range(120)]
    site.scanned(*(finding(finding_id=user, user_id=user) for user in users))
    hour = {"day": DAY, "hour": 9, "source": "access", "events": 3, "off_hours": 0}
    site.holds(user_hour=[{"user_id": user, **hour} for user in users])
    text = site.text()
    assert "120 people to look at" in text
    assert "70 more people" in text
    assert set(re.findall(r"u\d{3}", text)) == set(users)
    outline = Outline(text)
    assert outline.count("article") == 50
    assert text.count('role="img"') == 20


def test_the_policy_allows_the_stylesheet_that_stands_in_the_page_and_nothing_else(
    site: Site,
) -> None:
    site.scanned(finding())
    outline = Outline(site.text())
    digest = base64.b64encode(hashlib.sha256(outline.style.encode()).digest()).decode()
    policy = dict(part.strip().split(" ", 1) for part in _policy(outline).split(";"))
    assert policy == {
        "default-src": "'none'", "style-src": f"'sha256-{digest}'", "base-uri": "'none'",
        "form-action": "'none'",
    }  # fmt: skip
    assert "script" not in {tag for tag, _ in outline.elements}
    assert not {name for name, _ in outline.values if name == "style" or name.startswith("on")}
    assert not re.search(r"url\(|@import|https?://(?!www\.w3\.org/)", site.text())


def _policy(outline: Outline) -> str:
    return next(value for _, value in outline.values if value.startswith("default-src"))


def test_every_table_has_a_head_and_every_heading_its_place(site: Site) -> None:
    site.scanned(finding())
    site.holds(evidence=[evidence()])
    outline = Outline(site.text())
    assert outline.count("thead") == outline.count("table") > 0
    levels = [int(tag[1]) for tag, _ in outline.elements if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(later <= before + 1 for before, later in itertools.pairwise(levels))


def test_places_stand_apart_from_people(site: Site) -> None:
    site.scanned(finding(user_id=None, about='{"feed":"files"}', sentence="2 cards of nobody"))
    text = site.text()
    assert "Nobody to look at" in text
    assert "2 cards of nobody" in text.partition("About no certain person")[2]


def test_only_the_owner_may_read_it_and_nothing_half_written_stays(site: Site) -> None:
    site.scanned(finding())
    folder = site.page().parent
    assert folder.name == "2026-06-29"
    assert sorted(path.name for path in folder.iterdir()) == ["index.html", "people", "report.json"]
    assert [path.name for path in (folder / "people").iterdir()] == ["place-1.html"]
    for path in (folder, *folder.rglob("*")):
        assert path.stat().st_mode & 0o077 == 0


def test_whoever_is_listed_for_one_grave_finding_alone_is_counted_apart(site: Site) -> None:
    users = [f"u{at}" for at in range(5)]
    site.scanned(*(finding(finding_id=user, user_id=user) for user in users))
    text = site.text()
    assert "2 of them only because a high or critical finding is never cut" in text
    assert text.count("Below the list&#39;s length") + text.count("Below the list's length") == 2


def test_a_person_stands_beside_the_case_and_what_raised_the_risk(site: Site) -> None:
    site.holds(
        findings=[finding()], presence=[{"user_id": "ana", "day": DAY, "events": 1}],
        windows=[window(stage="features"), window()],
        risk=[{"user_id": "ana", "day": DAY, "risk": 26.0, "rank": 1, "factor": 2.0,
               "reasons": ["leaver", "open case"], "parts": PARTS}],
        cases=[{"case_id": "c0ffee", "user_id": "ana", "opened": DAY, "status": "open"},
               {"case_id": "gone", "user_id": "ana", "opened": DAY, "status": "withdrawn"}],
    )  # fmt: skip
    text = site.text()
    assert "Case <code>c0ffee</code>" in text and "gone" not in text
    assert "× 2.00 for what is known beside the logs: leaver, open case." in text


def test_a_person_without_a_case_or_a_factor_has_no_word_of_them(site: Site) -> None:
    site.scanned(finding())
    text = site.text()
    assert "Case <code>" not in text and "beside the logs" not in text


def test_an_empty_list_says_whom_it_leaves_out(site: Site) -> None:
    site.scanned(finding(user_id="bot"))
    quiet = "has a high or critical finding. An empty list"
    site.holds(robots=[{"user_id": "bot", "day": DAY, "since": DAY, "events": 9000, "usual": 88.4}])
    text = site.text()
    assert "Nobody to look at" in text and quiet not in text
    assert 'finding, but for those whom <a href="#robots">the list leaves out</a>' in text
    assert 'id="robots"' in text


def test_robots_stand_apart_with_the_worst_that_was_found(site: Site) -> None:
    site.scanned(
        finding(user_id="bot", level="low", sentence="bot was early"),
        finding(finding_id="f2", user_id="bot", sentence="bot took all"),
        finding(finding_id="f3"),
    )
    robot = {"day": DAY, "since": DAY, "events": 9000, "usual": 88.4}
    site.holds(robots=[{"user_id": "bot", **robot}, {"user_id": "mute", **robot}])
    text = site.text()
    assert "1 person to look at" in text
    section = text.partition('id="robots"')[2].partition("</section>")[0]
    assert "at least 9,000 events on each" in section and "at most 88." in section
    assert "bot took all" in section and "bot was early" not in section
    assert section.count("nothing was found") == 1


def test_a_place_says_its_risk(site: Site) -> None:
    about = {"user_id": None, "about": '{"door_id":"D1"}', "sentence": "D1 opened"}
    site.scanned(finding(**about), finding(finding_id="f2"))
    site.holds(places=[{"kind": "door", "id": "D1", "day": DAY, "risk": 4.2, "rank": 1}])
    assert "<bdi>door D1</bdi>, risk 4.2" in site.text()


def test_every_detector_stands_with_its_logs_and_what_became_of_the_day(site: Site) -> None:
    names = ("blind", "broken", "bulk", "late", "put_off", "unasked")
    detectors = pl.concat([DETECTORS.with_columns(detector=pl.lit(name)) for name in names])
    put_off = pl.when(pl.col("detector") == "put_off").then(pl.lit("off in nightporter.toml"))
    site.scanned(finding())
    site.holds(
        windows=[
            window(stage="blind", status="not_evaluated", reason="no feed of badge events"),
            window(stage="broken", status="failed", reason="line 3"),
            window(stage="late", status="waiting", reason="waits for doors"),
        ]
    )
    settings = config.load(site.root)
    page = write_report(
        settings, lake_of(settings), detectors.with_columns(switch=put_off.otherwise("switch"))
    )
    assert page
    table = page.read_text("utf-8").partition('id="matrix-table"')[2].partition("</table>")[0]
    rows = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in table.split("<tr")[2:]]
    assert [(row[0], *row[1:5], row[6]) for row in rows] == [
        ("collection/blind", "needed", "", "", "not evaluated", "no feed of badge events"),
        ("collection/broken", "needed", "", "", "failed", "line 3"),
        ("collection/bulk", "needed", "", "", "evaluated", ""),
        ("collection/late", "needed", "", "", "waiting", "waits for doors"),
        ("collection/put_off", "needed", "", "", "off", "off in nightporter.toml"),
        ("collection/unasked", "needed", "", "", "not evaluated", "this day was not scanned"),
    ]


def test_what_a_log_delivered_on_another_day_is_not_told_of_this_one(site: Site) -> None:
    site.scanned(day=DAY - timedelta(days=1))
    site.scanned()
    day = {"feed": "files", "source": "access", "site": "BER", "silent": False}
    site.holds(feed_day=[{**day, "day": DAY - timedelta(days=1), "events": 77}])
    assert "<td>nothing known</td>" in site.text()
    site.holds(feed_day=[{**day, "day": DAY, "events": 3}], loads=[load(), load(feed="gone")])
    text = site.text()
    assert "<td>3 events</td>" in text
    assert ">1 log, 0 lines rejected</a>" in text, "a log that is configured no more is none"


@pytest.mark.parametrize("days", ["0d", "999999999d"])
def test_a_list_looks_back_on_days_that_a_calendar_has(site: Site, days: str) -> None:
    (site.root / "nightporter.toml").write_text(f'{TOML}[risk]\nrecent = "{days}"\n')
    with pytest.raises(ConfigError, match="recent"):
        config.load(site.root)


def test_hours_begin_where_the_business_day_of_the_persons_site_does(site: Site) -> None:
    late = TOML.replace("[[feed]]", 'day_starts = "12:00"\n[site.REY]\nzone = "UTC"\n[[feed]]')
    (site.root / "nightporter.toml").write_text(late)
    (site.root / "context" / "people.csv").write_text("user_id,site\nana,BER\nbo,REY\n")
    site.scanned(finding(), finding(finding_id="f2", user_id="bo"))
    hour = {"day": DAY, "source": "access", "events": 3, "off_hours": 0}
    site.holds(
        user_hour=[
            {"user_id": user, "hour": at, **hour} for user in ("ana", "bo") for at in (9, 14)
        ]
    )
    page = site.page()
    assert "05:00 to 05:00, at BER from 12:00 to 12:00, so" in page.read_text()
    firsts = {re.findall(r'<th scope="col">(\d\d)</th>', file.read_text())[0]
              for file in (page.parent / "people").iterdir()}  # fmt: skip
    assert firsts == {"12", "05"}
    pictures = re.findall(r'role="img".*?</svg>', page.read_text(), re.DOTALL)
    assert len(pictures) == len(set(pictures)) == 2


def test_a_refused_line_is_shown_whole_or_cut_before_a_word_with_its_length(site: Site) -> None:
    (site.root / "nightporter.toml").write_text(f"{TOML}\n[names]\npseudonyms = true\n")
    (site.root / "context" / "people.csv").write_text("user_id,name\nana,Ana\n")
    site.scanned(finding())
    long = b"x " * 118 + b"ana almeida"
    site.holds(
        rejects=[{"feed": "files", "file_id": "a", "line": n, "reason": "x", "raw": raw}
                 for n, raw in ((1, b"ana;whole"), (2, long))]
    )  # fmt: skip
    whole, cut = re.findall(r'<code class="raw">(.*?)</code>', site.text())
    assert re.fullmatch(r"person-[0-9a-f]{8};whole", whole)
    assert re.fullmatch(r"(x )+person-[0-9a-f]{8} \u2026 \(247 bytes\)", cut)
