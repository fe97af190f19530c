"""What the detectors of a site are together: what they cover here, and a page about each."""
