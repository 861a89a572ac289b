"""What packs say of a notice stands in it: its words, its numbers, and every threshold."""

import re
import unicodedata
from functools import cache
from pathlib import Path
from typing import get_args

import pytest
from conftest import missing
from pydantic import BaseModel

from care_map.packs import conditions
from care_map.packs.reader import pack_names, read_pack
from care_map.packs.rules import Rule

SEEDS = Path(__file__).parents[3] / "shared" / "seeds"
NOTICES = {
    "yubei": "000",
    "yuzhong": "001",
    "wanzhou": "002",
    "tongliang": "003",
    "kaizhou": "004",
}
WITHOUT_SEED = {"national"}
"""Packs of standards that are no district's notice."""

UNITS = (
    r"万平方米|平方米|万元|万人次|万人|人次|分钟|小时|张|%|个|元|人|户|名|岁|家(?!庭)|所|处|部|次"
    r"|倍|公里|米|间|支|件|份|套|床"
)
NUMBER = r"\d+(?:,\d{3})*(?:\.\d+)?"
MEASURED = re.compile(rf"(?<![\d.])({NUMBER})(?:[-~至]({NUMBER}))?(?:余|多)?({UNITS})")
DIGITS = "零一二三四五六七八九"


def plain(text):
    """Return a text without what a scan or a typesetter changes: widths, spaces, dashes."""
    text = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))
    return re.sub("[—–―－-]+", "-", text)


@cache
def notice(pack):
    files = sorted(SEEDS.glob(f"{NOTICES[pack]}_*.txt"))
    if not files:
        missing(f"the notice of {pack} in ../shared/seeds")
    return plain(files[0].read_text(encoding="utf-8"))


def numbers(text):
    """Return every number with its unit, as one text each."""
    return {found[0].replace(",", "") for found in MEASURED.finditer(text)}


def unquoted(whole, quotes):
    """Return the numbers with a unit that stand where no quotation reaches, with what is round."""
    reached = bytearray(len(whole))
    for quote in quotes:
        at = whole.find(quote)
        while at >= 0 and quote:
            reached[at : at + len(quote)] = b"\1" * len(quote)
            at = whole.find(quote, at + 1)
    return [
        whole[max(found.start() - 12, 0) : found.end() + 6]
        for found in MEASURED.finditer(whole)
        if not all(reached[found.start() : found.end()])
    ]


def texts(pack):
    """Return each text that the pack quotes, after what quotes it."""
    for part in (*pack.clause, *pack.unmeasured):
        for text in part.text:
            yield getattr(part, "id", part.cite), text
    for circle in pack.circle:
        if circle.text:
            yield circle.id, circle.text


def test_every_pack_is_looked_at():
    assert set(pack_names()) - WITHOUT_SEED == set(NOTICES)


@pytest.mark.parametrize("name", NOTICES)
def test_every_quoted_text_stands_in_its_notice(name):
    whole = notice(name)
    strange = {key: text for key, text in texts(read_pack(name)) if plain(text) not in whole}
    assert strange == {}


@pytest.mark.parametrize("name", NOTICES)
def test_every_number_with_a_unit_is_in_a_clause_or_listed_as_not_measurable(name):
    pack = read_pack(name)
    quotes = [plain(text) for _, text in texts(pack)]
    assert len(set().union(*map(numbers, quotes))) > 5
    assert unquoted(notice(name), quotes) == []


# --- thresholds


def conditions_of(rule):
    for key in ("of", "meets", "over_of"):
        if getattr(rule, key, None) is not None:
            yield getattr(rule, key)


def leaves(condition, names, seen):
    """Yield every test of a condition, those of named ones too."""
    if isinstance(condition, conditions.Test):
        yield condition
    elif isinstance(condition, conditions.Named):
        if condition.named not in seen:
            yield from leaves(names[condition.named], names, {*seen, condition.named})
    else:
        for value in vars(condition).values():
            for inner in value:
                yield from leaves(inner, names, seen)


def thresholds(rule, names):
    """Yield every number that a rule compares with, after its key."""
    bounds = ("at_least", "more_than", "at_most", "less_than")
    for key in (*bounds, "within_m", "about", "runs_at_least"):
        value = getattr(rule, key, None)
        # All of them is said by many words, none of which is a number.
        if value is not None and not (key == "at_least" and value == 1):
            yield key, value
    for condition in conditions_of(rule):
        for test in leaves(condition, names, frozenset()):
            for key in bounds:
                value = getattr(test, key)
                if value not in (None, 0, 1):
                    yield f"{test.field}.{key}", value


def spelled(value):
    """Return how a notice can spell a number."""
    forms = {f"{value:g}", f"{value:.0f}", f"{value:,.0f}", f"{value / 10000:g}万"}
    if value <= 1:
        forms = {f"{value:g}", f"{value * 100:g}%"} | ({"半"} if value == 0.5 else set())
        forms |= {f"{DIGITS[round(value * 10)]}成"} if value < 1 else set()
    if value == int(value) and 0 < value < 100:
        tens, ones = divmod(int(value), 10)
        words = (DIGITS[tens] if tens > 1 else "") + ("十" if tens else "")
        forms.add(words + (DIGITS[ones] if ones else ""))
        forms |= {"两"} if value == 2 else set()
    return forms


def stands_in(value, text):
    # Numbers of a table stand side by side: spaces keep them apart, breaks may cut others.
    told = unicodedata.normalize("NFKC", text)
    return _stands_in(value, told) or _stands_in(value, plain(text))


def _stands_in(value, text):
    return any(
        re.search(rf"(?<![\d.]){re.escape(form)}(?![\d.%]|万(?!元|人))", text.replace(",", ""))
        if form[-1].isdigit()
        else form in text
        for form in spelled(value)
    )


@pytest.mark.parametrize("name", sorted({*NOTICES, *WITHOUT_SEED} & set(pack_names())))
def test_every_threshold_is_in_the_words_of_its_clause_or_a_stated_default(name):
    pack = read_pack(name)
    invented = [
        (clause.id, key, value)
        for clause in pack.clause
        for key, value in thresholds(clause.rule, pack.condition)
        if not stands_in(value, " ".join(clause.text))
        and not any("默认" in said and stands_in(value, said) for said in clause.assumptions)
    ]
    assert invented == []


@pytest.mark.parametrize("name", sorted({*NOTICES, *WITHOUT_SEED} & set(pack_names())))
def test_minutes_of_circles_are_in_their_words_or_a_stated_default(name):
    invented = []
    for circle in read_pack(name).circle:
        rules = [part for part in (circle.urban, circle.rural, circle.delivery) if part]
        minutes = {circle.minutes, *(part.minutes for part in rules)} - {None}
        said = " ".join([circle.text, *(a for a in circle.assumptions if "默认" in a)])
        said = said.replace("一刻钟", "15分钟")
        invented += [(circle.id, value) for value in minutes if not stands_in(value, said)]
    assert invented == []


@pytest.mark.parametrize("name", NOTICES)
def test_numbers_of_units_are_the_notices_or_a_sum_of_two(name):
    whole = {int(found) for found in re.findall(r"(?<![\d.])\d{1,4}(?![\d.%])", notice(name))}
    expected = {
        clause.id: clause.rule.expected
        for clause in read_pack(name).clause
        if getattr(clause.rule, "expected", None)
    }
    assert [
        key
        for key, number in expected.items()
        if number not in whole and not any(number - one in whole for one in whole)
    ] == []


def test_a_number_outside_of_every_quotation_is_found():
    whole = plain("一、建成30个。二、改造600户，共建成 30 个站。")
    (found,) = unquoted(whole, [plain("改造600户"), "建成30个。"])
    assert "共建成30个站" in found
    assert unquoted(whole, [whole]) == []


def test_a_threshold_is_looked_for_as_a_whole_number():
    assert stands_in(300, "不低于300平方米")
    assert not stands_in(300, "不低于1300平方米")
    assert not stands_in(30, "不低于300平方米")
    assert stands_in(0.65, "超过65%")
    assert not stands_in(65, "165人")
    assert stands_in(2000, "2,000人")
    assert stands_in(15, "十五分钟")
    assert not stands_in(0.5, "5个")
    assert numbers(plain("每１００户 ２０—３０ 平方米，共1,000 名")) == {
        "100户",
        "20-30平方米",
        "1000名",
    }


def test_models_have_no_number_that_is_not_looked_at():
    """A bound that a rule gains later must be looked for in the words too."""
    looked_at = {"at_least", "more_than", "at_most", "within_m", "about", "runs_at_least"}
    aside = {"expected", "per", "years"}
    numeric = set()
    for model in get_args(get_args(Rule)[0]):
        assert issubclass(model, BaseModel)
        for key, field in model.model_fields.items():
            if re.search(r"\b(int|float)\b", str(field.annotation)):
                numeric.add(key)
    assert numeric <= looked_at | aside
