"""nightporter.toml as frozen objects.

Knows the words of the file, not whether the logs it names exist.
"""

from nightporter.config.loading import fault, find_root, load
from nightporter.config.places import line_of
from nightporter.config.presets import preset_files, read_preset
from nightporter.config.settings import (
    FILE_NAME,
    WEEKDAYS,
    Example,
    Feed,
    Preset,
    Route,
    Settings,
    Site,
)
from nightporter.errors import ConfigError

__all__ = [
    "FILE_NAME", "WEEKDAYS", "ConfigError", "Example", "Feed", "Preset", "Route", "Settings",
    "Site", "fault", "find_root", "line_of", "load", "preset_files", "read_preset",
]  # fmt: skip
