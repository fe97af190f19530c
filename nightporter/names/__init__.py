"""Pseudonyms: the one room in which names, accounts and cards become words that say nothing.

Everything that leaves for a reader's eyes passes here; the lake keeps what it was told.
"""

from nightporter.names.key import key_of, key_of_ids
from nightporter.names.masking import PLAIN, Mask
from nightporter.names.queries import told
from nightporter.names.whose import mask_of

__all__ = ["PLAIN", "Mask", "key_of", "key_of_ids", "mask_of", "told"]
