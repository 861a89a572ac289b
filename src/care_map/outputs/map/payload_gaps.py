"""Gaps as the page lists them: where, why, what each factor would do, and how firm that is."""

from collections.abc import Mapping

from care_map.assessment import Assessment
from care_map.messages import Catalogue
from care_map.outputs.map.payload_values import Row, codes, number, records, text

__all__ = ["gaps"]


def gaps(result: Assessment, texts: Catalogue) -> list[dict[str, object]]:
    """Return the gaps of all circles, the largest first in each."""
    table = result.gaps
    if table.empty:
        return []
    tests: dict[str, list[Row]] = {}
    for row in records(result.gap_reasons):
        tests.setdefault(text(row["gap_id"]), []).append(row)
    firm = {text(row["gap_id"]): row for row in records(result.gap_robustness)}
    ranked = table.sort_values(["circle", "profile", "rank"], kind="stable")
    return [
        {**_gap(row, texts), **_proof(text(row.get("gap_id")), tests, firm, texts)}
        for row in records(ranked)
    ]


def _gap(row: Row, texts: Catalogue) -> dict[str, object]:
    lon, lat = number(row.get("lon")), number(row.get("lat"))
    status = text(row.get("status"))
    remedy = text(row.get("remedy"))
    return {
        "id": text(row.get("gap_id")),
        "rank": number(row.get("rank")),
        "name": text(row.get("name")),
        "unit": text(row.get("unit_name")),
        "circle": text(row.get("circle")),
        "profile": text(row.get("profile")),
        "undetermined": status == "undetermined",
        "elders": number(row.get("elders")),
        "priority": number(row.get("priority_elders")),
        "reasons": [texts.label("reason", code) for code in codes(row.get("reasons"))],
        "facility": text(row.get("facility_name")),
        "minutes": number(row.get("minutes")),
        "remedy": texts.label("remedy", remedy) if remedy else "",
        "remedyElders": number(row.get("remedy_elders")),
        "remedyMinutes": number(row.get("remedy_minutes")),
        "point": None if lon is None or lat is None else [round(lon * 1e5), round(lat * 1e5)],
    }


def _proof(
    gap_id: str, tests: Mapping[str, list[Row]], firm: Mapping[str, Row], texts: Catalogue
) -> dict[str, object]:
    """Return the tests of a gap's reasons and what the draws say of it, as far as there are any."""
    found: dict[str, object] = {}
    if gap_id in tests:
        # Distance is no obstacle that could be taken away: its test says only whether it holds.
        shown = [row for row in tests[gap_id] if row["suffices"] or row["reason"] != "distance"]
        found["tests"] = [_test(row, texts) for row in shown]
    if gap_id in firm:
        row = firm[gap_id]
        found["firm"] = {
            "stillGap": number(row["rate_still_gap"]),
            "covered": number(row["rate_covered_mean"]),
            "draws": number(row["draws"]),
        }
    return found


def _test(row: Row, texts: Catalogue) -> dict[str, object]:
    code = text(row["reason"])
    return {
        "code": code,
        "reason": texts.label("reason", code),
        "suffices": bool(row["suffices"]),
        "elders": number(row["elders"]),
        "helped": number(row["elders_helped"]),
        "minutes": number(row["minutes"]),
        "without": number(row["minutes_without"]),
        "limit": number(row["limit_minutes"]),
    }
