"""nightporter: a nightly scan of access, USB and badge logs that finds insiders."""

__version__ = "0.1.0"
