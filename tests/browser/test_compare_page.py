"""The comparison page in a browser: offline, figures follow choices, names stay text."""

import pytest
from small_study import degrees, write_study

import care_map as cm

HOSTILE = "新<img src=x onerror=alert(1)>`${alert(2)}`</script>"


@pytest.fixture(scope="module")
def page_file(tmp_path_factory):
    folder = tmp_path_factory.mktemp("compare")
    elders = [(f"e{n}", 3, 4800 + 40 * n, 0, "aged_80" if n % 2 else "") for n in range(10)]
    elders += [(f"w{n}", 2, 400 + 30 * n, 0, "") for n in range(6)]
    before = cm.assess(cm.read_study(write_study(folder, elders=elders)))
    point = degrees(5000, 0)
    changes = (
        cm.AddFacility("N1", HOSTILE, ("community_station",), *point, cost_yuan=90_000),
        cm.CloseFacility("F1"),
    )
    after = cm.assess(cm.with_scenario(before.study, cm.Scenario(HOSTILE, changes)))
    found = cm.compare(before, after)
    file = folder / "compare.html"
    found.map().save(str(file))
    return file


def test_figures_follow_choices(show, page_file):
    page = show(page_file)
    figures = page.locator("#figures")
    assert "新增覆盖 30 人" in figures.inner_text()
    assert "不再覆盖 12 人" in figures.inner_text()
    assert "3,000 元" in figures.inner_text()
    first = page.locator("#rows tr").first
    assert "乙镇" in first.inner_text()
    assert "+30" in first.inner_text()
    page.locator("#choices select").nth(2).select_option(label="高龄（80岁以上）")
    assert "15" in figures.inner_text()
    assert "3,000" not in figures.inner_text()
    page.locator("#choices select").nth(3).select_option(label="村社区")
    assert "河村" in page.locator("#rows").inner_text()


def test_names_stay_text_and_cards_open(show, page_file):
    page = show(page_file)
    assert page.locator("img[src=x]").count() == 0
    page.locator("#facilities button").first.click()
    card = page.locator(".leaflet-popup-content").inner_text()
    assert HOSTILE in card
    assert "nan" not in card
    page.locator("#rows tr button").first.click()
    # The popup before it may still be fading out.
    assert "→" in page.locator(".leaflet-popup-content").last.inner_text()
    # Six squares' worth of elders are drawn as discs, never one by one.
    assert page.locator(".leaflet-cells-pane canvas").count() > 0


def test_sorting(show, page_file):
    page = show(page_file)
    heads = page.locator("#head button")
    heads.nth(3).click()
    assert "甲街道" in page.locator("#rows tr").first.inner_text()
    assert page.locator('#head [aria-sort="descending"]').count() == 1
