"""Every finding of the readers has its sentences in both languages."""

import re
from pathlib import Path

import pytest

import care_map.inputs
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
    zh, en = (catalogue(language).texts for language in ("zh", "en"))
    fields = re.compile(r"(?<!\{)\{(\w+)")
    own = [key for key in zh if key.startswith("problem.")]
    assert set(own) == {key for key in en if key.startswith("problem.")}
    different = [
        key
        for key in own
        if key in en and set(fields.findall(zh[key])) != set(fields.findall(en[key]))
    ]
    assert not different
