"""STORY.md: the answer key for people, with every number counted from what was written."""

import textwrap

import polars as pl

from nightporter.simulate import cast
from nightporter.simulate.acts import CAMPAIGNS, borrowed_card
from nightporter.simulate.acts.quiet_administrator import drives
from nightporter.simulate.acts.quiet_nights import Visit, nights, visits
from nightporter.simulate.acts.stopped_agent import stopped_on, unseen
from nightporter.simulate.acts.watched_password import (
    afternoons,
    owner_of,
    viewed_at_night,
    viewed_by_day,
)
from nightporter.simulate.institute import Institute
from nightporter.simulate.ordinary.machines import (
    BACKUP,
    INDEXER,
    UNKNOWN_ACCOUNTS,
    UNKNOWN_CARDS,
)
from nightporter.simulate.outages import outages

_HEAD = """\
# The story of these logs: the answer key

Nothing here is real: the Havelmark Institute, its people, its documents and its devices are
invented, and every byte follows from a seed. Read this *after* the reports, or to check them.

{people} people, {first} to {last}. Two sites: the main house `HAV` (Europe/Berlin, with the
change to summer time at the end of March) and the field station `REY`
(Atlantic/Reykjavik). Until {start} nobody does anything wrong.

`truth.csv` says the same for programs: each row is a run of `events` neighbouring lines that
starts at `line` of `file` (lines count from 1, the header included), with the campaign, the
person, whether that is an insider or a look-alike, and the business day (it starts at 05:00).
Ordinary days of an insider are not in it.
"""

_QUIET = """\
## Insider 1: the quiet administrator ({who})

Network administrator, accounts `{who}` and `adm-{who}`, card `{card}`, workstation `{host}`.
{acts}

* {nights} nights, {documents} different documents (6 classified, 536 confidential), between
  {fewest} and {most} a night. Before {first} his life is that of any administrator, now and
  then called at night.
* The ordinary day comes first: he goes home, and comes back (badge, `H-GATE`, sometimes
  `H-IT`), logs on at his own workstation, on a third of the nights with `adm-{who}`.
* Disks: {drives}.
  Only the first is in `devices.csv`. On some nights he writes nothing and takes the documents
  along on the next one.
* On {silent} the USB agent of the main house delivers nothing, of
  nobody: he stopped its collector at the end of the night before, and starts it again at the
  end of the second (each time one `ADMIN` line of `adm-{who}`). He writes on both nights;
  these {unseen} documents are among his downloads, and in no line of the agent.
* Offices, each off-hours:

| night | office | how | what the logs show |
| --- | --- | --- | --- |
{visits}

* Three afternoons at `{desk}`, the desk of the head of IT ({head}), with a password that he
  watched, while she is in the server room. She has left her session locked; her account
  unlocks it, views documents, downloads two of them (not counted above) and locks it again.
  She goes to the server room now and then, since January, and nothing happens. On two of the
  afternoons she left the door of her office open (its sensor sees it open as she goes, and
  close when she is back): no line tells of his way in. On the third he used his card.

| afternoon | she goes (`H-SRV`) | where he is read | she is back (`H-IT`) | documents |
| --- | --- | --- | --- | --- |
{afternoons}

**No log shows** who sat at the three desks, nor how he got the passwords: what is left is an
account in use in a room where its owner is not. Nor what else he did in the offices: papers
photographed on desks, a recorder left in the director's office on the first visit and fetched
on the fifth, the impressions from which the keys were made. On the two nights with a copied
key, the inner doors on his way have no sensor: a key turned in them leaves nothing. What is
left is a sensor that saw the office door open with no read before it, and a man whose card had
been read at the entrance.
"""

_OTHERS = """\
## Insider 2: the leaver ({leaver})

{leaver_acts}

{leaver_table}

## Insider 3: the borrowed card ({card_person})

{card_acts}
The old card is `{old}`, invalid since {replaced}; the new one is `{new}`.
Who holds the old card no log says: she herself at night, somebody else while she is in the
other building. On the two days in office hours both cards are read within minutes; the other
days are nights, each followed by a morning of reading at her own desk.

{card_table}

**No log shows** the handing over of the card, nor what was photographed from the screen.
"""

_DIRT = """\
## Dirt in the files

| feed | files | lines | events | broken lines | repeated from the file before |
| --- | --- | --- | --- | --- | --- |
{rows}

Headers are not counted as lines. Broken lines are cut off, carry an impossible time, one column
too many, one Latin-1 byte in a UTF-8 file, or a remark of the logger; each stands just before
the good line it was meant to be, so no event is lost. `TOUCH` is mapped nowhere on purpose.

The registers do not know the accounts {accounts} and the cards {cards}.
About 2 % of the entries and 1 % of the exits were not read (somebody held the door).
`{backup}` and `{indexer}` are service accounts that read thousands of documents at night.
The field station has no reader on the way out, and no log of its USB ports. Owners of the four
offices with a sensor open the door with their own key now and then, in office hours: also an
opening without a read.

## Outages

| feed | no line on these business days | why |
| --- | --- | --- |
| `badge-rey` | {broken} | the station's door controller was broken; people worked as always |
| `usb-hav` | {stopped} | stopped by the quiet administrator |

Lines of these days were never written: they are in no file, in no count above, and not in
`truth.csv`.
"""


def story(place: Institute, lines: dict[str, pl.DataFrame], answers: pl.DataFrame) -> str:
    """Return the text of STORY.md."""
    his_nights = nights(place)
    head = _HEAD.format(
        people=len(place.people), first=place.span.first, last=place.span.last,
        start=his_nights[0].day,
    )  # fmt: skip
    parts = [
        head, _quiet(place), _others(place, answers), _look_alikes(answers), _dirt(place, lines)
    ]  # fmt: skip
    return "\n".join(parts)


def _told(who: str, name: str, more: str = "") -> str:
    (acts,) = (campaign.story for campaign in CAMPAIGNS if campaign.name == name)
    return textwrap.fill(f"{who} {acts}. {more}".strip(), 96)


def _quiet(place: Institute) -> str:
    his_nights, person = nights(place), place.people[cast.QUIET_ADMINISTRATOR]
    counts = [night.documents for night in his_nights]
    rows = [
        f"| {visit.night.day} | `{visit.office}` | {_means(place, visit)} |"
        for visit in visits(place)
    ]
    head = place.people[cast.HEAD_OF_IT]
    disks = [f"`{drive.serial}` ({drive.vendor} {drive.product})" for drive in drives(place)]
    return _QUIET.format(
        who=person.user_id, card=person.card, host=person.host, first=his_nights[0].day,
        acts=_told(f"From {his_nights[0].day} to {his_nights[-1].day} he", "quiet administrator"),
        nights=len(his_nights), documents=sum(counts), fewest=min(counts), most=max(counts),
        drives=", ".join(disks), visits="\n".join(rows), afternoons=_afternoons(place),
        silent=" and ".join(map(str, stopped_on(place))), unseen=unseen(place),
        desk=head.host, head=head.user_id,
    )  # fmt: skip


def _means(place: Institute, visit: Visit) -> str:
    if not visit.by_key:
        return "his card | a read, then the door opens"
    owner = owner_of(place, visit.office)
    many = len(viewed_at_night(place, visit.office, visit.night.day))
    return (
        f"copied key | the door opens with no read; `{owner.user_id}`, who left hours before, "
        f"logs on at `{owner.host}` in that room, views {many} documents and logs off"
    )


def _afternoons(place: Institute) -> str:
    rows = []
    for afternoon in afternoons(place):
        way = "`H-IT`, `H-OFF-IT`" if afternoon.door_shut else "`H-IT`"
        rows.append(
            f"| {afternoon.day} | {afternoon.goes:%H:%M} | {way} | {afternoon.back:%H:%M} "
            f"| {len(viewed_by_day(place, afternoon))} |"
        )
    return "\n".join(rows)


def _others(place: Institute, answers: pl.DataFrame) -> str:
    card_person = place.people[cast.BORROWED_CARD]
    return _OTHERS.format(
        leaver=cast.LEAVER, leaver_acts=_told("He", "leaver", "His last day is in `people.csv`."),
        leaver_table=_days(answers, "leaver"),
        card_person=cast.BORROWED_CARD, card_acts=_told("She", "borrowed card"),
        old=card_person.card, new=borrowed_card.NEW_CARD,
        replaced=borrowed_card.replaced_at(place), card_table=_days(answers, "borrowed card"),
    )  # fmt: skip


def _days(answers: pl.DataFrame, campaign: str) -> str:
    """Return a table of lines by day and source."""
    own = answers.filter(pl.col("campaign") == campaign)
    days = own.group_by("day", "source").agg(pl.col("events").sum()).sort("day", "source")
    rows = [f"| {row['day']} | {row['source']} | {row['events']} |" for row in days.to_dicts()]
    return "\n".join(["| day | source | lines |", "| --- | --- | --- |", *rows])


def _look_alikes(answers: pl.DataFrame) -> str:
    head = "## Look-alikes: innocent, every one of them\n\n| name | who | what | days | lines |"
    rows = [head, "| --- | --- | --- | --- | --- |"]
    for campaign in CAMPAIGNS:
        if campaign.kind != "look_alike":
            continue
        own = answers.filter(pl.col("campaign") == campaign.name)
        seen, many = sorted(own["day"].to_list()), own["events"].sum()
        days = f"{seen[0]}" if seen[0] == seen[-1] else f"{seen[0]} to {seen[-1]}"
        who = ", ".join(campaign.people)
        rows.append(f"| {campaign.name} | {who} | {campaign.story} | {days} | {many} |")
    return "\n".join(rows) + "\n"


def _dirt(place: Institute, lines: dict[str, pl.DataFrame]) -> str:
    rows = []
    for name, frame in lines.items():
        broken, overlap = (
            frame.filter(pl.col("dirt") == kind).height for kind in ("broken", "overlap")
        )
        events = frame.height - broken - overlap
        files = frame["file"].n_unique()
        rows.append(f"| {name} | {files} | {frame.height} | {events} | {broken} | {overlap} |")
    return _DIRT.format(
        rows="\n".join(rows), accounts=", ".join(f"`{name}`" for name in UNKNOWN_ACCOUNTS),
        cards=", ".join(f"`{card}`" for card in UNKNOWN_CARDS), backup=BACKUP, indexer=INDEXER,
        broken=_listed(place, "badge-rey"), stopped=_listed(place, "usb-hav"),
    )  # fmt: skip


def _listed(place: Institute, feed: str) -> str:
    return ", ".join(str(day) for day in outages(place)[feed])
