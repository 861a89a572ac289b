"""Siting on the demonstration district: exact coverage, constraints, reasons, files."""

import json

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from openpyxl import load_workbook
from stages import Stages

import care_map as cm
from care_map.messages import LANGUAGES, catalogue
from care_map.outputs.site_files import write_site_files
from care_map.outputs.site_words import result_lines, statement_lines
from care_map.schema.siting import FRONTIER, SITES, SITES_BY_UNIT
from care_map.siting.request import SiteRequest

CIRCLE = "elder_care_15"


@pytest.fixture(scope="module")
def plan(demo_result):
    return cm.site(demo_result, circle=CIRCLE, add=3)


def official(result):
    access = result.access
    profile = next(c for c in result.study.circles if c.id == CIRCLE).variants[0].profile
    return access[(access["circle"] == CIRCLE) & (access["profile"] == profile)]


def covered(result):
    rows = official(result)
    return set(rows.loc[rows["status"] == "covered", "demand_id"])


@pytest.mark.parametrize("candidates", ["list", pytest.param("network", marks=pytest.mark.slow)])
def test_covered_elders_are_those_of_a_fresh_run_with_the_sites(demo_result, candidates):
    plan = cm.site(demo_result, circle=CIRCLE, add=4, candidates=candidates)
    circles = tuple(one for one in demo_result.study.circles if one.id == CIRCLE)
    built = cm.with_sites(demo_result.study, plan).model_copy(update={"circles": circles})
    after = Stages(built)
    assert plan.newly_covered_elders > 0
    assert covered(after) - covered(demo_result) == set(plan.newly_covered)
    assert official(after).loc[lambda t: t["status"] == "covered", "elders"].sum() == (
        plan.covered_after
    )
    table = after.coverage_by_unit
    every = (table["circle"] == CIRCLE) & (table["group"] == "all") & (table["setting"] == "all")
    fresh = table[every & (table["profile"] == plan.profile)].set_index("unit_id")["covered"]
    mine = plan.by_unit.set_index("unit_id")["covered_after"]
    shared = mine.index.intersection(fresh.index)
    assert len(shared) > 20
    assert (mine[shared] == fresh[shared].astype(int)).all()


def test_the_plan_adds_up(demo_result, plan):
    assert plan.status == "optimal"
    assert plan.objective == plan.bound == plan.covered_after
    assert plan.covered_before == len(covered(demo_result))
    sites = plan.sites
    assert list(sites.columns) == SITES.names
    assert sites["order"].tolist() == [1, 2, 3]
    assert sites["newly_covered"].sum() == plan.newly_covered_elders
    assert sites["covered_after"].iloc[-1] == plan.covered_after
    assert (sites["newly_covered"] <= sites["reaches"]).all()
    assert sites["newly_covered"].is_monotonic_decreasing
    district = plan.by_unit.iloc[0]
    assert list(plan.by_unit.columns) == SITES_BY_UNIT.names
    assert district["covered_after"] == plan.covered_after
    towns = plan.by_unit[plan.by_unit["level"] == "town"]
    assert towns["newly_covered"].sum() == plan.newly_covered_elders
    assert plan.by_group.iloc[0]["newly_covered"] == plan.newly_covered_elders
    listed = demo_result.candidates.set_index("candidate_id")
    assert plan.cost_yuan == listed.loc[sites["candidate_id"], "cost_yuan"].sum()
    assert plan.new_facilities["facility_id"].tolist() == sites["candidate_id"].tolist()
    assert plan.new_facilities.crs == demo_result.crs
    assert plan.new_facilities["cost_yuan"].tolist() == sites["cost_yuan"].tolist()
    assert set(plan.left_out["reason"]) >= {"no_point", "too_small"}
    assert len(plan.left_out) + len(plan.candidates) == len(demo_result.candidates)


def test_no_other_three_candidates_cover_more(demo_result, plan):
    rest = plan.candidates[~plan.candidates["chosen"]]
    rng = np.random.default_rng(3)
    for _ in range(3):
        some = rest.iloc[rng.choice(len(rest), 3, replace=False)]
        other = cm.site(demo_result, circle=CIRCLE, add=3, candidates=some.drop(columns="role"))
        assert other.covered_after <= plan.covered_after


def test_budgets_are_kept_and_the_frontier_rises(demo_result):
    points = cm.frontier(demo_result, circle=CIRCLE, budgets=[0, 400_000, 1_200_000])
    assert list(points.columns) == FRONTIER.names
    assert (points["cost_yuan"] <= points["asked"]).all()
    assert points["covered"].is_monotonic_increasing
    assert points["covered"].iloc[2] > points["covered"].iloc[0]
    assert points["sites"].iloc[0] == 0
    assert (points["status"] == "optimal").all()
    with pytest.raises(cm.InputError) as caught:
        cm.frontier(demo_result, circle=CIRCLE)
    assert [one.code for one in caught.value.problems] == ["site_frontier"]


def test_constraints_of_a_notice_come_first(demo_result):
    small = cm.site(demo_result, circle=CIRCLE, add=77)
    areas = small.candidates.set_index("candidate_id")
    stations = areas[areas["role"] == "community_station"]
    assert (stations["floor_area_m2"] >= 300).all()
    free = cm.site(demo_result, circle=CIRCLE, add=77, areas=False)
    assert len(free.candidates) > len(small.candidates)
    each = cm.site(demo_result, circle=CIRCLE, add=77, one_per_unit=True)
    assert not each.sites.duplicated(["unit_id", "role"]).any()
    assert "unit_has_one" in set(each.left_out["reason"])
    mode = cm.site(demo_result, circle=CIRCLE, add=5, build_modes=["租赁"])
    assert set(mode.sites["build_mode"]) == {"租赁"}
    role = cm.site(demo_result, circle=CIRCLE, add=5, role="village_station")
    assert set(role.sites["role"]) == {"village_station"}


def test_a_floor_of_towns_holds_or_is_told(demo_result):
    towns = cm.site(demo_result, circle=CIRCLE, add=1).by_unit.query("level == 'town'")
    least = float(towns["rate_before"].min())
    easy = cm.site(demo_result, circle=CIRCLE, add=2, floor=round(least / 2, 3))
    assert easy.found
    hard = cm.site(demo_result, circle=CIRCLE, add=1, floor=0.99)
    assert (hard.status, hard.found, hard.covered_after) == (
        "infeasible",
        False,
        hard.covered_before,
    )
    assert "floor_impossible" in {one.code for one in hard.reasons}


def test_backup_capacity_centres_and_years(demo_result, plan):
    twice = cm.site(demo_result, circle=CIRCLE, add=3, times=2)
    assert twice.status == "optimal"
    assert twice.objective < plan.objective
    full = cm.site(demo_result, circle=CIRCLE, add=3, capacitated=True)
    assert full.objective <= full.covered_after <= plan.covered_after
    run = cm.site(demo_result, circle=CIRCLE, add=3, span=1)
    centres = set(run.sites.loc[run.sites["operator_centre"] != "", "operator_centre"])
    stations = run.sites[~run.sites["role"].isin(["town_centre", "street_centre"])]
    assert (stations["operator_centre"] != "").all()
    assert len(centres) == len(stations)
    near = cm.site(demo_result, circle=CIRCLE, add=3, span=1, span_minutes=1)
    wide = cm.site(demo_result, circle=CIRCLE, add=3, span=3, span_minutes=60)
    assert near.objective <= run.objective <= wide.objective == plan.objective
    assert list(wide.sites["candidate_id"]) == list(plan.sites["candidate_id"])
    years = cm.site(demo_result, circle=CIRCLE, add=[1, 2], first_year=2022)
    assert years.sites["year"].tolist() == [2022, 2023, 2023]
    assert years.sites["newly_covered"].iloc[0] == plan.sites["newly_covered"].iloc[0]


def test_mean_and_longest_ways(demo_result):
    mean = cm.site(demo_result, circle=CIRCLE, add=2, objective="mean")
    longest = cm.site(demo_result, circle=CIRCLE, add=2, objective="longest")
    none = cm.site(demo_result, circle=CIRCLE, add=0, objective="mean")
    assert (mean.model, longest.model) == ("p_median", "p_center")
    assert mean.objective < none.objective
    assert longest.status == "optimal"
    assert "nothing_shorter" in {one.code for one in longest.reasons}
    for best, objective in ((mean, "mean"), (longest, "longest")):
        by_hand = cm.site(demo_result, circle=CIRCLE, add=2, objective=objective, method="greedy")
        assert by_hand.status == "greedy"
        assert by_hand.bound <= best.objective + 1e-9 <= by_hand.objective + 2e-9


def test_ledger_targets_are_built_first_or_named(demo_result):
    quotas = cm.site(demo_result, circle=CIRCLE, add=60, quotas=True)
    words = result_lines(quotas, demo_result.study, catalogue("zh"))
    if quotas.status == "infeasible":
        assert any("任务" in line for line in words)
        assert {one.code for one in quotas.reasons} & {"limit_impossible", "limits_conflict"}
    else:
        assert quotas.found


def test_made_candidates_reach_more(demo_result, plan):
    made = cm.site(demo_result, circle=CIRCLE, add=3, candidates="places")
    assert made.covered_after > plan.covered_after
    assert np.isnan(made.cost_yuan)
    assert made.cost_kind == ""
    assert "site_made" in {one.code for one in made.statements}


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"cover": 1.0}, "out_of_reach"),
        ({"cover": 0.5}, "reached_already"),
        ({"budget": 0}, "budget_too_small"),
        ({"add": 500}, "fewer_candidates"),
        ({"add": 0}, "nothing_gained"),
        ({"add": 80}, "no_more_gain"),
        ({"add": 2, "build_modes": ["不存在"]}, "no_candidates"),
        ({"add": 1, "floor": 1.0}, "floor_impossible"),
        ({"add": 1, "floor": 0.3}, "needs_at_least"),
        ({"budget": 10, "floor": 0.2}, "costs_at_least"),
        ({"add": 1, "quotas": True}, "limit_impossible"),
    ],
)
def test_what_cannot_be_is_told(demo_result, asked, code):
    found = cm.site(demo_result, circle=CIRCLE, **asked)
    assert code in {one.code for one in found.reasons}
    for language in LANGUAGES:
        lines = result_lines(found, demo_result.study, catalogue(language))
        assert len(lines) > 2
        assert statement_lines(found, catalogue(language))
    if code in {"fewer_candidates", "no_more_gain"}:
        # Nothing is built for nobody.
        assert (found.sites["newly_covered"] > 0).all()
    else:
        assert not found.found
        assert found.covered_after == found.covered_before


@pytest.mark.parametrize(
    ("asked", "codes"),
    [
        ({}, {"site_goal"}),
        ({"add": 1, "cover": 0.5}, {"site_goal"}),
        ({"add": -1}, {"site_number"}),
        ({"budget": -5.0}, {"site_number"}),
        ({"budget": float("nan")}, {"site_number"}),
        ({"budget": float("inf")}, {"site_number"}),
        ({"add": 1, "times": 0}, {"site_number"}),
        ({"add": 1, "cheapest": True}, {"site_only_with"}),
        ({"add": 1, "first_year": 2022}, {"site_only_with"}),
        ({"cover": 1.5}, {"site_share"}),
        ({"add": [1, 2], "budget": [1.0]}, {"site_years"}),
        ({"add": 1, "role": "hospital"}, {"site_role_outside"}),
        ({"add": 1, "role": "palace"}, {"unknown_code"}),
        ({"add": 1, "profile": "flying"}, {"unknown_code"}),
        ({"budget": 1.0, "objective": "mean"}, {"site_objective_needs_add"}),
        ({"add": [1, 1], "times": 2}, {"site_not_together"}),
        ({"add": 1, "span_minutes": 5.0}, {"site_only_with"}),
        ({"add": 1, "candidates": "nowhere.csv"}, {"site_no_file"}),
        ({"budget": 5.0, "candidates": "places"}, {"site_made_bare"}),
    ],
)
def test_absurd_requests_are_refused_with_the_reason(demo_result, asked, codes):
    with pytest.raises(cm.InputError) as caught:
        cm.site(demo_result, circle=CIRCLE, **asked)
    assert {one.code for one in caught.value.problems} == codes
    for one in caught.value.problems:
        assert all(one.line(catalogue(language)) for language in LANGUAGES)


def test_an_unknown_circle_is_refused(demo_result):
    with pytest.raises(cm.InputError, match=CIRCLE):
        cm.site(demo_result, circle="nothing", add=1)


def test_a_file_of_candidates_is_read_like_a_list(demo_result, tmp_path, plan):
    lonlat = gpd.GeoSeries(plan.candidates.geometry).to_crs(4326)
    table = pd.DataFrame(
        {
            "编号": plan.candidates["candidate_id"],
            "名称": plan.candidates["name"],
            "可建类型": ["社区养老服务站"] * len(lonlat),
            "经度": lonlat.x,
            "纬度": lonlat.y,
            "费用（万元）": 10.0,
        }
    )
    file = tmp_path / "备选.csv"
    table.to_csv(file, index=False, encoding="utf-8-sig")
    found = cm.site(demo_result, circle=CIRCLE, add=3, candidates=file, areas=False)
    assert found.covered_after == plan.covered_after
    assert found.cost_yuan == 300_000
    assert found.problems == ()
    table.loc[0, "费用（万元）"] = -1
    table.to_csv(file, index=False, encoding="utf-8-sig")
    with pytest.raises(cm.InputError) as caught:
        cm.site(demo_result, circle=CIRCLE, add=3, candidates=file)
    assert [one.code for one in caught.value.problems] == ["cost_negative"]


def test_only_subsidies_known_are_called_so(demo_result):
    table = demo_result.candidates.assign(cost_yuan=np.nan, subsidy_yuan=200_000.0)
    found = cm.site(demo_result, circle=CIRCLE, budget=500_000, candidates=table)
    assert (found.cost_kind, len(found.sites), found.cost_yuan) == ("subsidy", 2, 400_000)
    lines = [
        *result_lines(found, demo_result.study, catalogue("zh")),
        *statement_lines(found, catalogue("zh")),
    ]
    assert sum("补助支出" in line for line in lines) == 2


def test_files_say_the_same_as_the_plan(demo_result, plan, tmp_path):
    folder = tmp_path / "plan"
    points = cm.frontier(demo_result, circle=CIRCLE, numbers=[1, 2])
    for _ in range(2):
        files = write_site_files(demo_result, plan, folder, frontier=points)
    assert {one.name for one in files} == {one.name for one in folder.iterdir()}
    told = json.loads((folder / "plan.json").read_text(encoding="utf-8"))
    assert told["covered_after"] == plan.covered_after
    assert told["labels"] == ["synthetic"]
    sites = pd.read_csv(folder / "sites.csv", encoding="utf-8-sig")
    assert sites["candidate_id"].tolist() == plan.sites["candidate_id"].tolist()
    book = load_workbook(folder / "site.xlsx", read_only=True)
    assert len(book.sheetnames) == 6
    layer = pyogrio.read_dataframe(folder / "site.gpkg", layer="new_facilities")
    assert len(layer) == 3
    assert layer.crs == demo_result.crs
    mine = plan.new_facilities.geometry.to_numpy()
    assert shapely.equals_exact(layer.geometry.to_numpy(), mine, tolerance=1e-6).all()
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "mine.txt").write_text("x", encoding="utf-8")
    with pytest.raises(cm.OutputError):
        write_site_files(demo_result, plan, tmp_path / "other")


def test_every_option_has_words():
    for language in LANGUAGES:
        texts = catalogue(language)
        for name in SiteRequest.__dataclass_fields__:
            assert texts.text(f"siting.asked.{name}")
