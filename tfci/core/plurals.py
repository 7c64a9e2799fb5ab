"""Counts as texts. Pure."""


def plural(count: int, word: str, words: str = "") -> str:
    """1 job, 2,000 jobs. `words`: of several, where an s behind the word is not enough."""
    return f"{count:,} {word if count == 1 else words or f'{word}s'}"
