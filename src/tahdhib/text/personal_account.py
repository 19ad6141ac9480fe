"""International bank account numbers: a country, its length, and a remainder of 1 modulo 97.

An account number without country and check digits is any number, and stays.
"""

import re
from collections.abc import Iterator

from tahdhib.text.personal_digits import DIGITS, western

_LENGTHS = {
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22,
    "BI": 27, "BR": 29, "BY": 28, "CH": 21, "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DJ": 27,
    "DK": 18, "DO": 28, "DZ": 26, "EE": 20, "EG": 29, "ES": 24, "FI": 18, "FK": 18, "FO": 18,
    "FR": 27, "GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27, "GT": 28, "HN": 28, "HR": 21,
    "HU": 28, "IE": 22, "IL": 23, "IQ": 23, "IR": 26, "IS": 26, "IT": 27, "JO": 30, "KW": 30,
    "KZ": 20, "LB": 28, "LC": 32, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "LY": 25, "MA": 28,
    "MC": 27, "MD": 24, "ME": 22, "MK": 19, "MN": 20, "MR": 27, "MT": 31, "MU": 30, "NI": 28,
    "NL": 18, "NO": 15, "OM": 23, "PK": 24, "PL": 28, "PS": 29, "PT": 25, "QA": 29, "RO": 24,
    "RS": 22, "RU": 33, "SA": 24, "SC": 31, "SD": 18, "SE": 24, "SI": 19, "SK": 24, "SM": 27,
    "SO": 23, "ST": 25, "SV": 28, "TL": 23, "TN": 24, "TR": 26, "UA": 29, "VA": 22, "VG": 24,
    "XK": 20, "YE": 30,
}  # fmt: skip
"""Characters of an IBAN by country: the registry of ISO 13616, and Algeria, Iran and Morocco, whose
banks use the form without being in it."""

# It looks back from the digits, which are rarer than letters: a search for letters is slow.
_START = re.compile(
    rf"[{DIGITS}][{DIGITS}](?<=[A-Za-z]{{2}}[{DIGITS}]{{2}})"
    rf"(?<![A-Za-z{DIGITS}⟧][A-Za-z]{{2}}[{DIGITS}]{{2}})"
)
_CHARACTER = re.compile(rf"[ \u00a0\u202f-]?([A-Za-z{DIGITS}])")
_FEWEST_DIGITS = 8


def find_accounts(text: str) -> Iterator[tuple[int, int]]:
    """Yield start and end of each IBAN, in one piece or in groups."""
    for match in _START.finditer(text):
        start = match.start() - 2
        end = _end(text, start)
        if end is not None:
            yield start, end


def _end(text: str, start: int) -> int | None:
    """Where the IBAN that begins at `start` ends, if there is one."""
    length = _LENGTHS.get(text[start : start + 2].upper())
    if length is None:
        return None
    characters: list[str] = []
    end = start
    while len(characters) < length:
        match = _CHARACTER.match(text, end)
        if match is None:
            return None
        characters.append(match.group(1))
        end = match.end()
    if re.match(rf"[A-Za-z{DIGITS}⟦]", text[end : end + 1]):
        return None
    return end if _is_account(western("".join(characters)), end - start == length) else None


def _is_account(account: str, is_one_piece: bool) -> bool:
    """Words in small letters with spaces between have the right remainder once in 97 times."""
    if not (account.isupper() or (account.islower() and is_one_piece)):
        return False
    if sum(character.isdigit() for character in account) < _FEWEST_DIGITS:
        return False
    moved = account[4:] + account[:4]
    return int("".join(str(int(character, 36)) for character in moved)) % 97 == 1
