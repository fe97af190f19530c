"""The people whom the story names, and the stock from which the other names are made."""

from dataclasses import dataclass

from nightporter.simulate.span import MON, WED


@dataclass(frozen=True)
class Part:
    """What the story fixes of a person; `joins` and `leaves` are (weeks before end, weekday)."""

    user_id: str
    name: str
    team: str
    role: str
    privileged: bool = False
    watcher: bool = False
    sticks: str = "none"
    has_account: bool = True
    joins: tuple[int, int] | None = None
    leaves: tuple[int, int] | None = None


HEAD_OF_IT, HEAD_OF_RESEARCH = "hbrandis", "sthorn"
QUIET_ADMINISTRATOR = "avelten"
LEAVER = "tfalk"
BORROWED_CARD = "ukron"
ON_CALL = ("avelten", "bsolm", "chasek")
STORAGE_ADMINISTRATOR = "chasek"
OPERATOR = "dlenart"
HELPDESK = "ekeil"
GUARDS = ("iruhl", "jtamm")
CLEANER = "kwend"
SECRETARY = "qsievers"
FINANCE = ("lmarwitz", "mzech", "nohl", "oprill")
TRADE_FAIR = "vlanger"
FORGETFUL = "wostrau"
REISSUED = "gharms"
JOINER = "ymertens"
ROLE_CHANGER = "zdorn"
TRAVELLER = "aimhof"
SATURDAY_WORKER = "bquist"
COURIER = "bquist"
HONEST_LEAVER = "cvoss"

_IT, _HOUSE, _DIR = "IT operations", "House services", "Directorate"
CAST = (
    Part("hbrandis", "Henrike Brandis", _IT, "head of IT"),
    Part("avelten", "Ansgar Velten", _IT, "network administrator", True, sticks="light"),
    Part("bsolm", "Brita Solm", _IT, "systems administrator", True),
    Part("chasek", "Corvin Hasek", _IT, "storage administrator", True, sticks="light"),
    Part("dlenart", "Darko Lenart", _IT, "night operator"),
    Part("ekeil", "Enno Keil", _IT, "helpdesk"),
    Part("fgrote", "Folkert Grote", _HOUSE, "head of house services", watcher=True),
    Part("iruhl", "Ines Ruhl", _HOUSE, "guard"),
    Part("jtamm", "Jaro Tamm", _HOUSE, "guard"),
    Part("kwend", "Katja Wend", _HOUSE, "cleaner", has_account=False),
    Part("lmarwitz", "Leonhard Marwitz", "Finance", "head of finance"),
    Part("mzech", "Mirja Zech", "Finance", "accountant", sticks="light"),
    Part("nohl", "Nante Ohl", "Finance", "accountant"),
    Part("oprill", "Orla Prill", "Finance", "controller"),
    Part("pharden", "Petra Harden", _DIR, "director"),
    Part("qsievers", "Quintus Sievers", _DIR, "secretary"),
    Part("rboehm", "Ruta Böhm", _DIR, "personnel officer"),
    Part("sthorn", "Sunniva Thorn", "Materials", "head of research"),
    Part("tfalk", "Tjark Falk", "Materials", "researcher", leaves=(0, WED)),
    Part("ukron", "Ulla Kron", "Data", "data analyst"),
    Part("vlanger", "Veit Langer", "Materials", "engineer"),
    Part("wostrau", "Wiebke Ostrau", "Ice cores", "researcher"),
    Part("gharms", "Gesa Harms", "Ice cores", "technician", sticks="heavy"),
    Part("ymertens", "Yara Mertens", "Materials", "researcher", joins=(13, WED)),
    Part("zdorn", "Zeno Dorn", "Ice cores", "researcher", sticks="light"),
    Part("aimhof", "Alma Imhof", "Ice cores", "researcher"),
    Part("bquist", "Bo Quist", "Data", "researcher", sticks="light"),
    Part("cvoss", "Clemens Voß", "Materials", "researcher", leaves=(4, MON)),
    Part("ejonsdal", "Eydis Jonsdal", "Field station", "head of station"),
)

FIRST_NAMES = (
    "Arvid", "Beeke", "Casper", "Dörte", "Eike", "Freya", "Götz", "Hilke", "Imke", "Jonte",
    "Karla", "Lasse", "Merle", "Nele", "Okke", "Pelle", "Runa", "Sönke", "Thea", "Uwe", "Vida",
)  # fmt: skip
LAST_NAMES = (
    "Ahlborn", "Brügge", "Carstens", "Drews", "Evers", "Fehling", "Garbe", "Hinze", "Ivens",
    "Jessen", "Kolbe", "Lührs", "Mahnke", "Nissen", "Otten", "Petersen", "Quast", "Rave",
    "Stolt", "Tiede", "Uhde", "Vierck", "Wulff", "Zander",
)  # fmt: skip
