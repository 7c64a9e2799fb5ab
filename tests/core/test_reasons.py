"""The base of all reasons: what is stored is read back, and is the same."""

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

import pytest

from tfci.core.reasons import Other, Reason, columns


class Code(StrEnum):
    LATE = "is_late"
    FULL = "full"


class Sample(Reason):
    known: ClassVar[dict] = {}


@dataclass(frozen=True, slots=True)
class Late(Sample):
    code = Code.LATE
    sentence = "{trains} are {minutes} minutes late"
    minutes: int
    trains: tuple[str, ...] = ()


class Full(Sample):
    code = Code.FULL
    sentence = "the train is full"


def test_a_family_knows_its_reasons_by_code():
    assert Sample.known == {"is_late": Late, "full": Full}
    assert Reason.known == {"other": Other}


def test_a_code_belongs_to_one_reason():
    with pytest.raises(TypeError, match="Full and .*Fuller have the code full"):

        class Fuller(Sample):
            code = Code.FULL


def test_a_reason_is_read_back_from_its_columns_and_is_the_same():
    stored = json.loads(json.dumps(columns(Late(3, ("A", "B")))))
    assert stored == {"reason": "is_late", "reason_params": {"minutes": 3, "trains": ["A", "B"]}}
    assert Late.read(stored["reason_params"]) == Late(3, ("A", "B"))
    assert columns(Full()) == {"reason": "full", "reason_params": None}
    assert Full.read(None) == Full()
    assert columns(None) == {"reason": "", "reason_params": None}


def test_parameters_of_a_later_version_are_left_out():
    assert Late.read({"minutes": 3, "platform": 9}) == Late(3)


def test_a_sentence_takes_the_parameters():
    assert str(Late(3, ("A",))) == "('A',) are 3 minutes late"
    assert str(Full()) == "the train is full"
    assert str(Other("as it was told")) == "as it was told"


def test_an_anchor_is_the_code():
    assert Late.anchor() == "is_late"
