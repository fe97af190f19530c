"""The page that a SOC reads in the morning: whom to look at, why, and what nobody saw."""

from nightporter.report.writing import newest_report, write_report

__all__ = ["newest_report", "write_report"]
