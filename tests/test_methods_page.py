"""The examples of docs/methods.md run as they stand, one after the other."""

import re
import runpy
from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs" / "methods.md"


def test_the_examples_run(tmp_path):
    text = PAGE.read_text(encoding="utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    assert len(blocks) == 4
    script = tmp_path / "methods.py"
    script.write_text("\n".join(blocks), encoding="utf-8")
    names = runpy.run_path(str(script))
    assert names["found"].assigned == 55
