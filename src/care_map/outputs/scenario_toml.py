"""A scenario as the TOML file that :func:`care_map.read_scenario` reads."""

import json
from collections.abc import Iterator, Mapping

from care_map.scenarios import Scenario

__all__ = ["scenario_toml"]


def scenario_toml(scenario: Scenario) -> str:
    """Return a scenario as a file; its changes stand in their order.

    Parameters
    ----------
    scenario
        Its changes are in the order in which a file's are made.

    Examples
    --------
    >>> from care_map.scenarios import CloseFacility
    >>> print(scenario_toml(Scenario("one less", (CloseFacility("F1", cost_yuan=5.0),))))
    [scenario]
    name = "one less"
    <BLANKLINE>
    [[close]]
    facility_id = "F1"
    cost_yuan = 5.0
    <BLANKLINE>
    """
    told = scenario.record()
    head = {name: told[name] for name in ("name", "note") if told[name]}
    changes = told["changes"]
    parts = ["\n".join(["[scenario]", *_lines(head)])]
    for change in changes if isinstance(changes, list) else []:
        own = {name: value for name, value in change.items() if name != "kind"}
        parts.append("\n".join([f"[[{change['kind']}]]", *_lines(own)]))
    return "\n\n".join(parts) + "\n"


def _lines(table: Mapping[str, object]) -> Iterator[str]:
    for name, value in table.items():
        yield f"{name} = {_value(value)}"


def _value(value: object) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(_lines(value)) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_value, value)) + "]"
    # JSON's texts, numbers and booleans are TOML's, but for the delete character.
    return json.dumps(value, ensure_ascii=False, allow_nan=False).replace("\x7f", "\\u007f")
