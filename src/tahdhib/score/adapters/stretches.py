"""A text in stretches that a model can read at once, cut at white space where there is any."""

LONGEST_CHARACTERS = 6000


def stretches(text: str, longest: int = LONGEST_CHARACTERS) -> list[str]:
    """Cut `text` into stretches of at most `longest` characters; none of a blank text. Halves of
    characters, which no endpoint takes, become `?`."""
    rest = text.encode("utf-8", "replace").decode("utf-8").strip()
    found: list[str] = []
    while len(rest) > longest:
        cut = max(rest.rfind(sign, longest // 2, longest) for sign in ("\n", " "))
        cut = cut if cut > 0 else longest
        found.append(rest[:cut])
        rest = rest[cut:].lstrip()
    return [*found, rest] if rest else found
