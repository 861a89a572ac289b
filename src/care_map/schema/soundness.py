"""Columns of the tables that say how even, how doubled, how firm and how complete coverage is."""

from care_map.schema.columns import Table, column

__all__ = [
    "CRITICAL",
    "EQUITY",
    "GAP_ROBUSTNESS",
    "LORENZ",
    "OVERLAP",
    "ROBUSTNESS",
    "SERVED_FROM_OUTSIDE",
    "UNDETERMINED",
]

_UNIT = (
    column("unit_id", "text", "区划代码", "unit code"),
    column("unit_name", "text", "单元名称", "unit"),
    column("level", "text", "级别", "level"),
)
_CIRCLE = (
    column("circle", "text", "服务圈", "circle"),
    column("profile", "text", "出行方式", "profile"),
)
_ELDERS = column("elders", "integer", "老年人数", "elders")
_UNDETERMINED = column("undetermined", "integer", "无法判定", "undetermined")
_RATES = (
    column("rate_low", "number", "覆盖率下限", "rate, low"),
    column("rate_high", "number", "覆盖率上限", "rate, high"),
)
_COMPLETENESS = column("path_completeness", "number", "步行道测绘完整度", "footpaths mapped, score")
_FACILITY = (
    column("facility_id", "text", "设施编号", "facility id"),
    column("facility_name", "text", "设施名称", "facility"),
)

EQUITY = Table(
    "equity",
    "公平性",
    "equity",
    (
        *_CIRCLE,
        column("group", "text", "人群", "group"),
        _ELDERS,
        column("covered", "integer", "已覆盖", "covered"),
        column("uncovered", "integer", "未覆盖", "uncovered"),
        _UNDETERMINED,
        *_RATES,
        column("rate_difference_low", "number", "与全体之差下限", "difference to all, low"),
        column("rate_difference_high", "number", "与全体之差上限", "difference to all, high"),
        column("reach_nothing", "integer", "完全无法到达", "reach nothing at all"),
        column("reach_nothing_share", "number", "完全无法到达占比", "share that reaches nothing"),
        column("gini", "number", "分钟数基尼系数", "Gini of minutes"),
        column("median_minutes", "number", "中位分钟", "median minutes"),
        column("p90_minutes", "number", "第90百分位分钟", "90th percentile minutes"),
        column("rate_beyond_circle_low", "number", "超出服务圈时间占比下限", "beyond circle, low"),
        column(
            "rate_beyond_circle_high", "number", "超出服务圈时间占比上限", "beyond circle, high"
        ),
        column(
            "rate_beyond_sufficient_low",
            "number",
            "超出充足时间占比下限",
            "beyond a sufficient time, low",
        ),
        column(
            "rate_beyond_sufficient_high",
            "number",
            "超出充足时间占比上限",
            "beyond a sufficient time, high",
        ),
        column("compared_level", "text", "比较的级别", "level compared"),
        column("worst_unit_id", "text", "最差单元代码", "worst unit code"),
        column("worst_unit", "text", "最差单元", "worst unit"),
        column("worst_elders", "integer", "最差单元老年人数", "elders of the worst unit"),
        column("rate_worst_low", "number", "最差单元覆盖率下限", "worst rate, low"),
        column("rate_worst_high", "number", "最差单元覆盖率上限", "worst rate, high"),
        column("best_unit_id", "text", "最好单元代码", "best unit code"),
        column("best_unit", "text", "最好单元", "best unit"),
        column("best_elders", "integer", "最好单元老年人数", "elders of the best unit"),
        column("rate_best_low", "number", "最好单元覆盖率下限", "best rate, low"),
        column("rate_best_high", "number", "最好单元覆盖率上限", "best rate, high"),
        column("rate_spread_low", "number", "最好与最差之差下限", "best less worst, low"),
        column("rate_spread_high", "number", "最好与最差之差上限", "best less worst, high"),
        _COMPLETENESS,
    ),
)
"""A row per circle and profile of all elders, and one of each priority group. Gini, median and 90th
percentile are of elders who reach a facility at all; `reach_nothing` are determined elders who
reach none, and their share is one of the determined. The units compared stand in the row of all
elders; the worst has the lowest upper bound and the best the highest lower bound, so that a unit
of which nothing is known is neither."""

LORENZ = Table(
    "lorenz",
    "洛伦兹曲线",
    "Lorenz curves",
    (
        *_CIRCLE,
        column("share_of_persons", "number", "人数累计占比", "share of persons"),
        column("share_of_values", "number", "分钟数累计占比", "share of minutes"),
    ),
)
"""At most 101 points per circle and profile, from (0, 0) to (1, 1), the shortest minutes first."""

OVERLAP = Table(
    "overlap",
    "重叠覆盖",
    "second chances",
    (
        *_UNIT,
        *_CIRCLE,
        _ELDERS,
        column("with_0", "integer", "圈内没有设施", "no facility inside"),
        column("with_1", "integer", "圈内1处", "one inside"),
        column("with_2", "integer", "圈内2处", "two inside"),
        column("with_3_or_more", "integer", "圈内3处及以上", "three or more inside"),
        _UNDETERMINED,
        column("rate_second_low", "number", "有第二选择占比下限", "with a second chance, low"),
        column("rate_second_high", "number", "有第二选择占比上限", "with a second chance, high"),
        column("by_delivery", "integer", "其中仅靠配送", "of no facility: delivered to"),
        column(
            "only_other_district", "integer", "其中仅邻区设施覆盖", "of no facility: served outside"
        ),
        _COMPLETENESS,
    ),
)
"""Official profiles, the district's own facilities. `with_0` to `with_3_or_more` and `undetermined`
are all elders. Of a conjunction it is the part with the fewest facilities that counts; where a
circle can be delivered, facilities are those walked to."""

CRITICAL = Table(
    "critical",
    "关键设施与桥梁",
    "critical facilities and bridges",
    (
        *_CIRCLE,
        column("rank", "integer", "序号", "rank"),
        column("kind", "text", "类别", "kind"),
        column("id", "text", "编号", "id"),
        column("name", "text", "名称", "name"),
        column("unit_id", "text", "区划代码", "unit code"),
        column("elders_using", "integer", "现由其服务或经过的已覆盖老年人", "covered elders by it"),
        column("elders_uncovered", "integer", "失去后不再覆盖", "uncovered by its loss"),
        column("lon", "number", "经度", "longitude"),
        column("lat", "number", "纬度", "latitude"),
    ),
)
"""Facilities whose loss alone would uncover elders, and the bridges that most covered elders cross,
each tested by closing it and searching again; the greatest loss first in each circle. Of a facility
`elders_using` are those whose nearest it is, of a bridge those whose shortest way crosses it."""

SERVED_FROM_OUTSIDE = Table(
    "served_from_outside",
    "仅由邻区设施覆盖",
    "served only from outside",
    (*_UNIT, *_CIRCLE, *_FACILITY, _ELDERS),
)
"""Elders whom the district's own facilities do not cover and another district's does."""

UNDETERMINED = Table(
    "undetermined",
    "无法判定的原因",
    "undetermined by cause",
    (
        *_UNIT,
        *_CIRCLE,
        column("reason", "text", "原因", "reason"),
        _ELDERS,
        column("estimated", "integer", "其中有估算", "of whom estimated"),
        column("estimate_covered", "integer", "估算可覆盖", "covered by the estimate"),
    ),
)
"""A row per unit, circle, profile and cause that has elders; they sum to `undetermined` of
``coverage_by_unit``. Estimates decide nothing."""

_DRAWS = column("draws", "integer", "抽样次数", "draws")

ROBUSTNESS = Table(
    "robustness",
    "稳健性",
    "robustness",
    (
        *_UNIT,
        *_CIRCLE,
        _DRAWS,
        _ELDERS,
        column("firmly_covered", "integer", "稳定覆盖", "firmly covered"),
        column("depends", "integer", "随抽样变化", "depends on the draw"),
        column("firmly_uncovered", "integer", "稳定未覆盖", "firmly uncovered"),
        column("undecided", "integer", "任何抽样都无法判定", "undetermined in every draw"),
        column("rate_mean_low", "number", "平均覆盖率下限", "mean rate, low"),
        column("rate_mean_high", "number", "平均覆盖率上限", "mean rate, high"),
        column("rate_p05_low", "number", "第5百分位覆盖率下限", "5th percentile, low"),
        column("rate_p05_high", "number", "第5百分位覆盖率上限", "5th percentile, high"),
        column("rate_p50_low", "number", "中位覆盖率下限", "median rate, low"),
        column("rate_p50_high", "number", "中位覆盖率上限", "median rate, high"),
        column("rate_p95_low", "number", "第95百分位覆盖率下限", "95th percentile, low"),
        column("rate_p95_high", "number", "第95百分位覆盖率上限", "95th percentile, high"),
        _COMPLETENESS,
    ),
)
"""Official profiles. `firmly_covered`, `depends`, `firmly_uncovered` and `undecided` are all
elders: covered in at least 95 of 100 draws, in 5 to 95, in fewer than 5, and undetermined in every
one. In a draw, who is beyond the drawn access limit is decided by the estimate."""

GAP_ROBUSTNESS = Table(
    "gap_robustness",
    "缺口稳健性",
    "robustness of gaps",
    (
        column("gap_id", "text", "缺口编号", "gap id"),
        column("name", "text", "地点", "place"),
        column("unit_name", "text", "单元名称", "unit"),
        *_CIRCLE,
        _ELDERS,
        _DRAWS,
        column("rate_still_gap", "number", "仍为缺口的抽样占比", "share of draws still a gap"),
        column("rate_covered_mean", "number", "平均覆盖率", "mean share covered"),
    ),
)
"""Gaps of uncovered elders. A draw leaves it a gap if at least half of its elders are not
covered."""
