"""Every finding of the readers has its sentences in both languages."""

import re
import tomllib
from pathlib import Path

import pytest

import care_map.inputs
import care_map.messages
from care_map.messages import catalogue

FOLDER = Path(care_map.inputs.__file__).parent
CALL = re.compile(r'(?:findings\.add|findings\.each|\]\.add|\]\.each|Problem)\(\s*"([a-z0-9_]+)"')


def codes() -> set[str]:
    found: set[str] = set()
    for file in FOLDER.glob("*.py"):
        found |= set(CALL.findall(file.read_text(encoding="utf-8")))
    return found


@pytest.mark.parametrize("language", ["zh", "en"])
def test_sentences(language):
    texts = catalogue(language)
    assert len(codes()) > 30
    missing = [code for code in codes() if not texts.has(f"problem.{code}.message")]
    assert not missing


def test_both_languages_have_the_same_fields():
    folder = Path(care_map.messages.__file__).parent
    zh, en = (
        tomllib.loads((folder / language / "inputs.toml").read_text(encoding="utf-8"))["problem"]
        for language in ("zh", "en")
    )
    assert list(zh) == list(en)
    fields = re.compile(r"(?<!\{)\{(\w+)")
    different = [
        (code, part)
        for code in zh
        for part in ("message", "advice")
        if set(fields.findall(zh[code][part])) != set(fields.findall(en[code][part]))
    ]
    assert not different
