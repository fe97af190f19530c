"""Ordinary life, one module for each source: person-days become events."""
