"""IP addresses, versions 4 and 6, of hosts that anyone could reach.

Private, loopback, link-local and multicast addresses and netmasks point to nobody and stay. Four
numbers with dots are also versions, sections and dates: after a word that says so they stay, and
without a word that says *address* they need numbers too large for a section.
"""

import ipaddress
import re
from collections.abc import Iterator

from tahdhib.text.personal_digits import DIGITS, WORD, western, words_since

_DOTTED = re.compile(rf"[.٫][{DIGITS}]{{1,3}}[.٫][{DIGITS}]")
_COLONS = re.compile(r":[0-9A-Fa-f]{1,4}:[0-9A-Fa-f]{1,4}:")
_FOUR = re.compile(
    rf"(?<![{WORD}.⟧])[{DIGITS}]{{1,3}}(?:[.٫][{DIGITS}]{{1,3}}){{3}}(?![{WORD}⟦]|[.٫][{DIGITS}])"
)
_SIX = re.compile(r"(?<![\w:.⟧])[0-9A-Fa-f]{1,4}(?::[0-9A-Fa-f]{0,4}){2,7}(?![\w:⟦]|\.[0-9])")
_NOT_AN_ADDRESS = re.compile(
    r"(?:\bversions?|\bver|\bv|release|\bbuild|firmware|section|chapter|clause|paragraph|\bart|§|"
    r"[إا]صدار|نسخ[ةه]|تحديث|القسم|الفصل|الفقر[ةه]|الماد[ةه]|البند|السطر)\W{0,3}(?:\w{1,12} )?\Z",
    re.IGNORECASE,
)
_CUE = re.compile(
    r"(?<!⟦)(?:\bip(?:v[46])?(?![a-z])|address|server|\bhost|\bdns\b|\bping|resolver|\blogin|"
    r"عنوان|عناوين|خادم|خوادم|سيرفر|[آا]ي ?بي|الدخول|دخول)",
    re.IGNORECASE,
)
_CUE_REACH = 32
_LARGE = 100
_MIDDLING = 32
_NOBODY = tuple(
    ipaddress.IPv4Network(network)
    for network in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16",
        "172.16.0.0/12", "192.168.0.0/16", "224.0.0.0/3",
    )
)  # fmt: skip
_PUBLIC_SIX = ipaddress.IPv6Network("2000::/3")


def find_addresses(text: str) -> Iterator[tuple[int, int]]:
    """Yield start and end of each IP address, without port or prefix length."""
    if _DOTTED.search(text):
        for match in _FOUR.finditer(text):
            if _is_four(text, match):
                yield match.span()
    if "::" in text or _COLONS.search(text):
        for match in _SIX.finditer(text):
            if _is_six(text, match):
                yield match.span()


def _is_four(text: str, match: re.Match[str]) -> bool:
    try:
        address = ipaddress.IPv4Address(western(match.group()).replace("٫", "."))
    except ValueError:
        return False
    before = text[max(0, match.start() - _CUE_REACH) : match.start()]
    if any(address in network for network in _NOBODY) or _NOT_AN_ADDRESS.search(before):
        return False
    numbers = sorted(address.packed)
    if numbers[-1] >= _LARGE or numbers[-2] >= _MIDDLING:
        return True
    return words_since(_CUE, text, match.start(), _CUE_REACH) is not None


def _is_six(text: str, match: re.Match[str]) -> bool:
    if match.group().count(":") < 7 and "::" not in match.group():
        return False
    try:
        address = ipaddress.IPv6Address(match.group())
    except ValueError:
        return False
    if address not in _PUBLIC_SIX:
        return False
    if len([group for group in match.group().split(":") if group]) > 2:
        return True
    return words_since(_CUE, text, match.start(), _CUE_REACH) is not None
