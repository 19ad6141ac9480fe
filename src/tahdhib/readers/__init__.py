"""Files of any kind, here or in a store far away: what lies in them, record by record."""

from tahdhib.readers.read import read_records
from tahdhib.readers.record import Fault, Record
from tahdhib.readers.sources import SourceFile, find_sources

__all__ = ["Fault", "Record", "SourceFile", "find_sources", "read_records"]
