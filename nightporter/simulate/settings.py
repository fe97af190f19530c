"""The nightporter.toml of the simulated workspace."""

from nightporter.simulate import words

_HEAD = """\
# The workspace of the sample logs: an invented institute with two sites.

[workspace]
lake = "lake"
lateness = "7d"
horizon = "400d"
day_starts = "05:00"

[site.HAV]
zone = "Europe/Berlin"
country = "DE"
weekend = ["sat", "sun"]
hours = "08:00-18:30"

[site.REY]
zone = "Atlantic/Reykjavik"
country = "IS"
weekend = ["sat", "sun"]
hours = "08:00-18:00"
"""

_ACCESS = """
# The file server's own log: JSON lines, one file a day, stamps in UTC.
[[feed]]
name = "fileserver"
source = "access"
paths = ["logs/access/*.ndjson.gz"]
format = "ndjson"
site_column = "site"
  [feed.fields]
  ts = "time"
  account = "login"
  host = "client.name"
  src_ip = "client.ip"
  action = "op"
  resource = "path"
  resource_id = "doc"
  bytes = "size"
  outcome = "result"
  logon_type = "logon_type"
  [feed.constants]
  app = "fileserver"
  [feed.values.action]   # TOUCH is left out on purpose: what maps to nothing becomes `other`
{action}
  [feed.values.outcome]
  "OK" = "success"
  "DENIED" = "failure"
"""

_USB = """
# The agent on the workstations of the main site: one file a week, local time.
[[feed]]
name = "usb-hav"
source = "usb"
paths = ["logs/usb/*.csv"]
format = "csv"
delimiter = ";"
site = "HAV"
stamp = "%Y-%m-%d %H:%M:%S"
  [feed.fields]
  ts = "Zeit"
  host = "Rechner"
  account = "Benutzer"
  action = "Ereignis"
  device_id = "Seriennummer"
  serial_quality = "Seriennummer echt"
  device_class = "Klasse"
  vendor = "Hersteller"
  product = "Modell"
  resource = "Datei"
  resource_id = "Dokument"
  bytes = "Bytes"
  [feed.constants]
  bus = "usb"
  [feed.values.action]
{action}
  [feed.values.device_class]
{classes}
  [feed.values.serial_quality]
  "ja" = "real"
  "nein" = "generated"
"""

_BADGE = """
# The door controllers of the main site: one file a month, local time, Latin-1.
[[feed]]
name = "badge-hav"
source = "badge"
paths = ["logs/badge/hav/*.csv.gz"]
format = "csv"
delimiter = ";"
encoding = "latin-1"
site = "HAV"
stamp = "%d.%m.%Y %H:%M:%S"
  [feed.fields]
  ts = "{{Datum}} {{Uhrzeit}}"
  badge_id = "Karte"
  door_id = "Tür"
  direction = "Richtung"
  action = "Ereignis"
  outcome = "Ergebnis"
  reason = "Grund"
  [feed.values.action]
{actions_hav}
  [feed.values.direction]
{directions_hav}
  [feed.values.outcome]
  "OK" = "success"
  "NEIN" = "failure"
  [feed.values.reason]
{reasons_hav}

# The field station's small controller: one reader, on the way in.
[[feed]]
name = "badge-rey"
source = "badge"
paths = ["logs/badge/rey/*.csv"]
format = "csv"
site = "REY"
  [feed.fields]
  ts = "Timestamp"
  badge_id = "Card"
  door_id = "Reader"
  direction = "Way"
  action = "Result"
  outcome = "Result"
  [feed.values.action]
{actions_rey}
  [feed.values.direction]
{directions_rey}
  [feed.values.outcome]
  "GRANTED" = "success"
  "DENIED" = "failure"
"""

_NAMES = """\

# Nobody here was ever born. A house that has people leaves this away.
[names]
pseudonyms = false
keep_unconfirmed = "36500d"
"""


def settings_text() -> str:
    """Return the file; its value tables are the sources' own words, turned round."""
    return (
        _HEAD
        + _ACCESS.format(action=words.mapping(words.FILE_SERVER))
        + _USB.format(
            action=words.mapping(words.USB_AGENT), classes=words.mapping(words.USB_CLASSES)
        )
        + _BADGE.format(
            actions_hav=words.mapping(words.DOORS_HAV),
            directions_hav=words.mapping(words.DIRECTIONS_HAV),
            reasons_hav=words.mapping(words.REASONS_HAV),
            actions_rey=words.mapping(words.DOORS_REY),
            directions_rey=words.mapping(words.DIRECTIONS_REY),
        )
        + _NAMES
    )
