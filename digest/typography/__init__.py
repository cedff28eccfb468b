"""Japanese and Latin text as it is set: display columns, phrases, kinsoku, and where a text that is too wide ends.

Pure functions of text. Excerpts are cut with them, and mails are wrapped with them.
"""

from digest.typography.cutting import columns_of, fit, sentence_ends
from digest.typography.kinsoku import NEVER_FIRST, NEVER_LAST
from digest.typography.phrases import is_japanese, phrases_of

__all__ = ["NEVER_FIRST", "NEVER_LAST", "columns_of", "fit", "is_japanese", "phrases_of", "sentence_ends"]
