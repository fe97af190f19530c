"""Whatever a log or a context file holds is text on the page: no element, no turn, no flood."""

import re
from pathlib import Path

import orjson
from reported import DAY, NOON, Outline, Site, evidence, finding, load, window

from nightporter.report.record import Record, write_record

HOSTILE = (
    "<script>alert(1)</script>\"'><img src=x onerror=alert(1)> javascript:alert(1) {{ 7*7 }} "
    "\x1b[31m\x07\x00\u202e\u2066\u200b]]></style></title> " + "ab c" * 2560
)


def page_of(root: Path, text: str) -> str:
    """One report and its case file; every value that comes from outside is `text`."""
    root.mkdir()
    site = Site(root)
    quoted = text.replace("\x00", "").replace('"', '""')
    header = "user_id,name,role,team,department,site,privileged"
    line = ",".join([f'"{quoted}"'] * 6)
    (root / "context" / "people.csv").write_text(f"{header}\n{line},true\n", "utf-8", newline="")
    user = text.replace("\x00", "").strip()
    who = {"user_id": user, "detector": text, "tactic": text, "sentence": text}
    door = orjson.dumps({"door_id": text.encode("utf-8", "replace").decode()}).decode()
    site.scanned(
        finding(**who),
        finding(**who, finding_id="f2", changed_at=NOON.replace(hour=13)),
        finding(**who, finding_id="f3", status="withdrawn", changed_at=NOON.replace(hour=13)),
        finding(finding_id="f4", user_id=None, about=door, sentence=text, detector=text),
    )
    raw = text.encode("utf-8", "replace") + b"\xff\x00"
    site.holds(
        evidence=[evidence(action=text, place=text, object=text)],
        loads=[load(path=f"logs/{text}")],
        feed_day=[{"feed": "files", "site": text, "day": DAY, "events": 0, "silent": True}],
        rejects=[{"feed": "files", "file_id": "a", "line": 1, "reason": text, "raw": raw}],
        windows=[window(stage=text, status="failed", reason=text)],
        places=[{"kind": "door", "id": text, "day": DAY, "risk": 3.0, "rank": 1, "parts": "{}"}],
        robots=[{"user_id": f"bot {text}", "day": DAY, "since": DAY, "events": 9, "usual": 1.0}],
        cases=[{"case_id": text, "user_id": user, "opened": DAY, "status": "open"}],
        flagged=[{"event": "access/a/1", "source": "access", "user_id": user, "ts": NOON,
                  "local_ts": NOON.replace(tzinfo=None), "day": DAY, "line": 1,
                  **dict.fromkeys(("site", "feed", "action", "host", "resource"), text)},
                 {"event": "badge/a/1", "source": "badge", "user_id": user, "ts": NOON,
                  "local_ts": NOON.replace(tzinfo=None), "day": DAY, "door_id": text,
                  "zone": text}],
        user_day=[{"user_id": user, "day": DAY, "feature": "downloads", "x": 9.0}],
        verdicts=[{"act_id": "1", "said_at": NOON, "account": text, "case_id": text,
                   "user_id": user, "act": "note", "note": text, "second": False, "day": DAY}],
        user_hour=[{"user_id": user, "day": DAY, "hour": 9, "events": 1, "off_hours": 0}],
    )  # fmt: skip
    yesterday = root / "reports" / "2026-06-28"
    yesterday.mkdir(parents=True)
    write_record(yesterday, Record(DAY, NOON, "", (), {}))
    page = site.page(problems=[text])
    (file,) = page.parent.glob("people/*.html")
    return page.read_text("utf-8") + file.read_text("utf-8")


def test_a_hostile_value_makes_the_same_elements_as_a_plain_one(tmp_path: Path) -> None:
    plain = Outline(page_of(tmp_path / "plain", "plain"))
    hostile = Outline(page_of(tmp_path / "hostile", HOSTILE))
    assert hostile.elements == plain.elements
    assert any("<script>alert(1)</script>" in text for text in hostile.texts)
    assert "chip" in dict.fromkeys(value for _, value in hostile.values), "no news was shown"
    links = [value for name, value in hostile.values if name in ("href", "src", "id")]
    assert all(
        re.fullmatch(r"(#?[a-z]+[a-z0-9-]*|people/place-1\.html|\.\./index\.html)", link)
        for link in links
    )


def test_no_control_or_direction_mark_reaches_the_page(tmp_path: Path) -> None:
    page = page_of(tmp_path / "hostile", HOSTILE)
    found = re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f]", page)
    assert found is None, repr(page[found.start() - 40 : found.start() + 10])
    assert "\\x1b[31m" in page and "\\u202e" in page


def test_ten_thousand_characters_are_cut_and_their_number_is_said(tmp_path: Path) -> None:
    outline = Outline(page_of(tmp_path / "hostile", HOSTILE))
    assert max(len(text) for text in outline.texts) < 1000
    assert max(len(value) for _, value in outline.values) < 1000
    assert any(re.search(r"… \(10,\d{3} characters\)", text) for text in outline.texts)
