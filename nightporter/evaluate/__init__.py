"""How well the ranking finds insiders whose deeds are known: measured, never read by a scan."""
