from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhenxing.importers.codes import ALPHABET, credit_code_states, industry_code, organisation_code_valid
from zhenxing.importers.firms import firm_ids
from zhenxing.importers.text import normalise_name

VALID = ("91350100M000100Y43", "91110000101623741K", "911101066976941872")


def _state(code: str) -> str:
    return str(credit_code_states([code])[0])


def test_published_vectors() -> None:
    assert [_state(code) for code in VALID] == ["valid"] * 3
    assert _state("91350211M0000XUF46") == "check_digit"
    assert _state("91310115MA1H8R7C6D") == "check_digit"
    assert all(organisation_code_valid(code) for code in VALID)


@pytest.mark.parametrize(
    ("code", "state"),
    [
        ("", "blank"),
        ("9.14E+17", "broken"),
        ("442000123456789", "registration_number"),
        ("9135010OM000100Y43", "characters"),
        ("91350100M000100Y4", "length"),
        (" 91350100m000100y43 ", "valid"),
        ("９１３５０１００Ｍ０００１００Ｙ４３", "valid"),
    ],
)
def test_states(code: str, state: str) -> None:
    assert _state(code) == state


@given(st.text(alphabet=ALPHABET, min_size=17, max_size=17))
def test_exactly_one_check_sign_is_valid(body: str) -> None:
    # the inner modulus 31 - sum must itself be taken modulo 31: a sum divisible by 31 has the check sign 0
    states = [_state(body + sign) for sign in ALPHABET]
    assert states.count("valid") == 1
    weights = [pow(3, power, 31) for power in range(17)]
    total = sum(ALPHABET.index(sign) * weight for sign, weight in zip(body, weights, strict=True))
    assert states[(31 - total % 31) % 31] == "valid"


def test_firm_id_is_the_valid_code_else_the_normalised_name() -> None:
    ids, _ = firm_ids([VALID[0], "91350211M0000XUF46", None], ["甲", "乙灯饰（中山）有限责任公司", "丙 厂（普通合伙）"])
    assert ids == [VALID[0], "name:乙灯饰(中山)有限公司", "name:丙厂"]


def test_names_are_stable_under_width_brackets_and_form() -> None:
    assert normalise_name("ＡＢ 灯饰（中山）有限责任公司") == normalise_name("AB灯饰(中山)有限公司")


@pytest.mark.parametrize(
    ("cell", "edition", "expected"),
    [
        ("C3872", "2017", ("3872", True)),
        ("3872", "2017", ("3872", True)),
        ("387", "2017", ("387", True)),
        ("C3872 照明灯具制造", "2017", ("3872", True)),
        ("照明灯具制造", "2017", ("3872", True)),
        ("0111", "2017", ("0111", True)),
        ("9999", "2017", ("9999", False)),
        ("3979", "2017", ("3979", True)),
        ("3971", "2002", ("3971", True)),
        ("9999", "", ("9999", True)),
    ],
)
def test_industry_codes(cell: str, edition: str, expected: tuple[str, bool]) -> None:
    assert industry_code(cell, edition) == expected
