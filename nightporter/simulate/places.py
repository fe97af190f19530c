"""Sites, buildings, doors and teams of the invented institute."""

from dataclasses import dataclass

ZONES = {"HAV": "Europe/Berlin", "REY": "Atlantic/Reykjavik"}


@dataclass(frozen=True)
class Door:
    """One door; `owner` is whose office it opens, `contact` whether a sensor sees it move."""

    door_id: str
    zone_from: str
    zone_to: str
    kind: str
    owner: str = ""
    out_reader: bool = False
    contact: bool = False
    rex: bool = False
    sensitive: bool = False
    camera_days: int = 0

    @property
    def site(self) -> str:
        return "REY" if self.door_id.startswith("R-") else "HAV"


DOORS = (
    Door("H-GATE", "outside", "HAV-main", "entrance", out_reader=True, camera_days=14),
    Door("H-YARD", "outside", "HAV-main", "entrance", out_reader=True, camera_days=14),
    Door("H-ANNEX", "outside", "HAV-annex", "entrance", out_reader=True, camera_days=14),
    Door("H-PORTER", "HAV-main", "HAV-porter", "room"),
    Door("H-IT", "HAV-main", "HAV-it", "room"),
    Door("H-FIN", "HAV-main", "HAV-finance", "room"),
    Door("H-DIR", "HAV-main", "HAV-directorate", "room"),
    Door("H-DATA", "HAV-main", "HAV-data", "room"),
    Door("H-LAB1", "HAV-annex", "HAV-lab1", "lab"),
    Door("H-LAB2", "HAV-annex", "HAV-lab2", "lab"),
    Door("H-SRV", "HAV-main", "HAV-server", "server_room", sensitive=True),
    Door("H-ARC", "HAV-main", "HAV-archive", "archive", sensitive=True),
    Door("H-OFF-DIR", "HAV-directorate", "HAV-office-dir", "office", "pharden", False, True, True),
    Door("H-OFF-IT", "HAV-it", "HAV-office-it", "office", "hbrandis", False, True, True),
    Door("H-OFF-FIN", "HAV-finance", "HAV-office-fin", "office", "lmarwitz", False, True, True),
    Door("H-OFF-RES", "HAV-annex", "HAV-office-res", "office", "sthorn", False, True, True),
    Door("R-MAIN", "outside", "REY-main", "entrance"),
    Door("R-LAB", "REY-main", "REY-lab", "lab"),
)
OFFICES = tuple(door for door in DOORS if door.kind == "office")
# How a guard walks: the main building, over to the annex and back.
TOUR = (
    ("H-PORTER", "entry"), ("H-IT", "entry"), ("H-FIN", "entry"), ("H-DIR", "entry"),
    ("H-DATA", "entry"), ("H-SRV", "entry"), ("H-ARC", "entry"), ("H-GATE", "exit"),
    ("H-ANNEX", "entry"), ("H-LAB1", "entry"), ("H-LAB2", "entry"), ("H-ANNEX", "exit"),
    ("H-GATE", "entry"),
)  # fmt: skip


@dataclass(frozen=True)
class Team:
    """Where a team sits, which door is its room, and which projects it works on."""

    name: str
    department: str
    site: str
    entrance: str
    room: str
    zone: str
    projects: tuple[str, str, str]
    head: str


_MAIN, _ANNEX = "H-GATE", "H-ANNEX"
TEAMS = {
    team.name: team
    for team in (
        Team("IT operations", "Services", "HAV", _MAIN, "H-IT", "HAV-it",
             ("runbooks", "configs", "systemlogs"), "hbrandis"),
        Team("House services", "Services", "HAV", _MAIN, "H-PORTER", "HAV-porter",
             ("house", "handbook", "templates"), "fgrote"),
        Team("Finance", "Administration", "HAV", _MAIN, "H-FIN", "HAV-finance",
             ("budget", "procurement", "templates"), "lmarwitz"),
        Team("Directorate", "Administration", "HAV", _MAIN, "H-DIR", "HAV-directorate",
             ("board", "personnel", "templates"), "pharden"),
        Team("Ice cores", "Research", "HAV", _ANNEX, "H-LAB1", "HAV-lab1",
             ("firn-cores", "isotope-atlas", "polar-drill"), "sthorn"),
        Team("Materials", "Research", "HAV", _ANNEX, "H-LAB2", "HAV-lab2",
             ("antifrost", "cold-alloys", "sensor-skin"), "sthorn"),
        Team("Data", "Research", "HAV", _MAIN, "H-DATA", "HAV-data",
             ("model-runs", "digital-archive", "sensor-skin"), "sthorn"),
        Team("Field station", "Research", "REY", "R-MAIN", "R-LAB", "REY-lab",
             ("field-notes", "weather", "firn-cores"), "ejonsdal"),
    )
}  # fmt: skip
