"""Search over the manual, in memory: every word must be found, at its beginning or with one letter wrong."""

import math
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

WORD = re.compile(r"\w+")
WORDS = 8  # of a query; the rest is left out
MAX_PLACES = 20  # places in an answer
IN_TITLE = 6  # so many times a word of the text
EXACT, BEGINNING, ALIKE = 1.0, 0.5, 0.3
SHORT = 4  # letters; shorter words have no room for a wrong one
BUILDERS = 0.4
AROUND = 90  # characters of text on each side of the first word found


@dataclass(frozen=True, slots=True)
class PageSection:
    """A section of a page, where it stands and what it says."""

    url: str
    page: str
    title: str
    text: str
    for_builders: bool = False


@dataclass(frozen=True, slots=True)
class Hit:
    """A place, the text around the first word, and the words that were found there."""

    place: PageSection
    excerpt: str
    words: frozenset[str]


class SearchIndex:
    """Words -> the places that have them, with how much they say there."""

    def __init__(self, places: Iterable[PageSection]) -> None:
        self.places = list(places)
        self.weights: dict[str, dict[int, float]] = defaultdict(dict)
        for n, place in enumerate(self.places):
            for text, weight in ((place.text, 1), (f"{place.title} {place.page}", IN_TITLE)):
                for word in words_of(text):
                    self.weights[word][n] = self.weights[word].get(n, 0) + weight
        self.near: dict[str, set[str]] = defaultdict(set)
        for word in self.weights:
            for variant in variants(word):
                self.near[variant].add(word)

    def find(self, query: str) -> list[Hit]:
        """The best places first; those that lack a word of the query are none."""
        typed = list(dict.fromkeys(words_of(query)))[:WORDS]
        meant = [self._meant(word) for word in typed]
        scores = [self._scores(words) for words in meant]
        if not scores:
            return []
        found = set.intersection(*(set(score) for score in scores))
        total = {
            n: sum(score[n] for score in scores) * (BUILDERS if self.places[n].for_builders else 1)
            for n in found
        }
        best = sorted(found, key=lambda n: (-total[n], n))[:MAX_PLACES]
        matched = frozenset(word for words in meant for word in words)
        return [Hit(self.places[n], excerpt(self.places[n].text, matched), matched) for n in best]

    def _meant(self, typed: str) -> dict[str, float]:
        """Words of the manual that a word of the query may mean, and how surely."""
        meant = {word: BEGINNING for word in self.weights if word.startswith(typed)}
        if len(typed) >= SHORT:
            near = set().union(*(self.near.get(variant, ()) for variant in variants(typed)))
            meant = dict.fromkeys((word for word in near if len(word) >= SHORT), ALIKE) | meant
        return meant | ({typed: EXACT} if typed in self.weights else {})

    def _scores(self, meant: dict[str, float]) -> dict[int, float]:
        """For each place the most that one of these words says there; rare words say more."""
        scores: dict[int, float] = {}
        for word, sure in meant.items():
            places = self.weights[word]
            rare = math.log(1 + len(self.places) / len(places))
            for n, weight in places.items():
                scores[n] = max(scores.get(n, 0), sure * rare * math.sqrt(weight))
        return scores


def words_of(text: str) -> list[str]:
    return WORD.findall(text.lower())


def variants(word: str) -> set[str]:
    """The word, and the word without each of its letters. Two words that share a variant differ by one letter that is
    wrong, missing, too many or swapped with its neighbour."""
    return {word} | {word[:n] + word[n + 1 :] for n in range(len(word))}


def excerpt(text: str, words: frozenset[str]) -> str:
    """The text around the first of the words, cut at blanks."""
    text = " ".join(text.split())
    at = next((found.start() for found in WORD.finditer(text) if found[0].lower() in words), 0)
    start = text.rfind(" ", 0, max(at - AROUND, 0)) + 1 if at > AROUND else 0
    stop = text.find(" ", at + AROUND)
    cut = text[start:] if stop < 0 else text[start:stop]
    return f"{'… ' if start else ''}{cut}{' …' if stop >= 0 else ''}"
