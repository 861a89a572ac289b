"""The report as a document and as a page: the same figures as the tables, read back from both."""

import re
import time
import zipfile
from dataclasses import replace
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path

import docx
import numpy as np
import pandas as pd
import pytest
from hostile import HOSTILE
from outputs.sample import (
    COVERAGE,
    ELDERS,
    MEDICAL,
    MINUTES,
    NAMES,
    A,
    B,
    empty_assessment,
    sample_assessment,
    sample_study,
)
from PIL import Image

import care_map
from care_map.errors import OutputError
from care_map.messages import catalogue
from care_map.outputs.paper import charts
from care_map.outputs.paper.maps import study_maps
from care_map.outputs.paper.report import report_paper
from care_map.outputs.paper.source import Source
from care_map.outputs.pictures.canvas import as_drawn, new_figure, settings
from care_map.outputs.pictures.charts import (
    Bars,
    Line,
    Lines,
    Stack,
    bar_panels,
    line_panels,
    stacked_bars,
)
from care_map.outputs.pictures.lettering import lettering
from care_map.outputs.pictures.maps import MARKS, RATE_CLASSES
from care_map.outputs.report_document import write_report_document
from care_map.outputs.report_page import write_report_page
from care_map.schema import (
    BEDS_BY_UNIT,
    CAPACITY_BY_UNIT,
    CRITICAL,
    EQUITY,
    LORENZ,
    ROBUSTNESS,
    UNDETERMINED,
)

CARE, CURE = "15分钟养老服务圈（步行）", "15分钟医疗服务圈（步行）"
HAN = re.compile("[\u4e00-\u9fff]")


def row(table, **cells):
    """Return a frame of one row, the other cells empty."""
    return pd.DataFrame([[cells.get(name) for name in table.names]], columns=table.names)


def full_assessment(**changes):
    """Return the sample with a row in the tables that it leaves empty."""
    whole = {"unit_id": "all", "unit_name": "", "level": "all"}
    care = {"circle": "elder_care_15", "profile": "standard"}
    tables = {
        "robustness": row(
            ROBUSTNESS, **whole, **care, draws=100, elders=22, firmly_covered=5, depends=2,
            firmly_uncovered=13, undecided=2, rate_p05_low=0.2, rate_p50_low=0.25,
            rate_p95_high=0.4,
        ),
        "equity": row(
            EQUITY, **care, group="all", elders=22, covered=6, uncovered=14, undetermined=2,
            rate_low=6 / 22, rate_high=8 / 22, reach_nothing=5, gini=0.321, median_minutes=20.0,
            compared_level="town", worst_unit="乙镇", rate_worst_low=0.2, best_unit="甲街道",
            rate_best_low=1 / 3,
        ),
        "lorenz": pd.DataFrame(
            [(*care.values(), share, share**2) for share in (0.0, 0.5, 1.0)], columns=LORENZ.names
        ),
        "capacity_by_unit": row(
            CAPACITY_BY_UNIT, **whole, service="day_care", catchment="elder_care_15", elders=22,
            demand=9, supply=4.0, capacity_unit="位", facilities=2, capacity_unknown=0,
            access_e2sfca=12.5, zero_access=3, undetermined=1, assigned=2, full=3, open=0,
        ),
        "beds_by_unit": row(
            BEDS_BY_UNIT, **whole, elders=22, facilities=2, beds=65, nursing_beds=20,
            unsplit_beds=0, beds_unknown=1, beds_per_100=295.5, free_beds=6, occupancy=0.9,
        ),
        "critical": row(
            CRITICAL, **care, rank=1, kind="facility", id="f1", name="甲一社区养老服务站",
            elders_using=4, elders_uncovered=4,
        ),
        "undetermined": row(
            UNDETERMINED, **whole, **care, reason="no_road", elders=2, estimated=1,
            estimate_covered=0,
        ),
    }  # fmt: skip
    return sample_assessment(**{**tables, **changes})


def write(result, folder):
    """Write both forms; return the paper."""
    paper = report_paper(result)
    texts = catalogue(result.study.language)
    write_report_document(paper, folder / "report.docx", texts)
    write_report_page(paper, folder / "report.html", texts)
    return paper


def written(result, folder):
    """Write both forms; return the paper, the document and the page's text."""
    paper = write(result, folder)
    document = docx.Document(str(folder / "report.docx"))
    return paper, document, (folder / "report.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("报告 一")


@pytest.fixture(scope="module")
def all_forms(folder):
    return written(full_assessment(), folder)


@pytest.fixture(scope="module")
def paper(all_forms):
    return all_forms[0]


@pytest.fixture(scope="module")
def document(all_forms):
    return all_forms[1]


@pytest.fixture(scope="module")
def page(all_forms):
    return all_forms[2]


class Reader(HTMLParser):
    """Reads tables, paragraphs and pictures of a page."""

    def __init__(self):
        super().__init__()
        self.tables, self.texts, self.tags = [], [], []
        self._cell = None

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self._cell = ""

    def handle_endtag(self, tag):
        if tag in ("td", "th"):
            self.tables[-1][-1].append(self._cell)
            self._cell = None

    def handle_data(self, data):
        if self._cell is not None:
            self._cell += data
        elif data.strip() and self.tags[-1][0] != "style":
            self.texts.append(data.strip())


def read(page):
    reader = Reader()
    reader.feed(page)
    return reader


def tables_of(document):
    return [[[cell.text for cell in row.cells] for row in table.rows] for table in document.tables]


@pytest.fixture(scope="module")
def tables(document):
    return tables_of(document)


def with_heads(tables, *titles):
    return next(t for t in tables if set(titles) <= {c for r in t[:2] for c in r})


def chapters_of(paper):
    return {chapter.title: chapter for chapter in paper.chapters}


def test_findings_come_first_and_say_what_a_leader_asks(paper):
    first, second, short, beds = paper.chapters[0].sentences
    assert paper.chapters[0].title == "主要结论"
    assert first == (
        f"{CARE}：老年人 22 人，在圈内 6 人（27.3%～36.4%），不在圈内 14 人，无法判定 2 人。"
        "覆盖率最低的乡镇街道：乙镇 20.0%～30.0%、甲街道 33.3%～41.7%。"
        "最大的缺口：乙山村一组（7 人；距离过远、本村社无设施；建议：新建设施）、"
        "甲二社区（7 人；已有设施未运营；建议：将已建设施投入运营）。"
        "见效最大的措施：新建设施可覆盖 7 人（1 处）、将已建设施投入运营可覆盖 6 人（1 处）。"
        "改变步速、接驳和绕行假设，100 次抽样的覆盖率多在 20.0%～40.0% 之间，"
        "13 人几乎每次都不在圈内。"
    )
    assert second.startswith(f"{CURE}：老年人 22 人，在圈内 9 人（40.9%～50.0%）")
    assert short == f"服务能力不足：日间照料（{CARE}）需要 9 人，因满员无法安排 3 人。"
    assert beds == "养老床位 65 张，每百名老年人 295.5 张。"


def test_chapters_stand_in_the_order_of_reading(paper):
    assert [chapter.title for chapter in paper.chapters] == [
        "主要结论",
        "关键数据",
        "地图和对照图",
        "分乡镇街道情况",
        "服务缺口、原因和建议",
        "服务能力和床位",
        "公平性",
        "稳健性",
        "方法",
        "口径、假设和资料来源",
        "数据质量",
        "局限",
    ]
    assert "没有选用通知（政策规则包）：不核对条款，也没有建设台账。" in paper.chapters[-1].points


def test_both_forms_hold_the_same(document, tables, page):
    reader = read(page)
    in_page = [[[cell.replace("\n", "") for cell in r] for r in t] for t in reader.tables]
    assert len(in_page) == len(tables) > 15
    for ours, theirs in zip(in_page, tables, strict=True):
        # A header over two rows is one cell in the page and two in the document.
        heads = 2 if len(ours[0]) < len(theirs[-1]) else 1
        assert ours[heads:] == theirs[heads:]
    said = {text for text in reader.texts if len(text) > 12}
    spoken = {p.text.strip() for p in document.paragraphs}
    numbered = {re.sub(r"^\d+\. ", "", text) for text in spoken}
    assert {text for text in said if text not in numbered | spoken} == set()


def test_the_key_figures_are_those_of_the_coverage_table(tables):
    table = with_heads(tables, "服务圈", "出行方式", "覆盖率下限")
    rows = {(one[0], one[1]): one[2:] for one in table[1:]}
    assert len(rows) == 4
    named = {
        ("elder_care_15", "standard"): (CARE, "官方口径：步行 1.0 米/秒"),
        ("elder_care_15", "elder"): (CARE, "对照：老年步速 0.85 米/秒"),
        ("medical_15", "standard"): (CURE, "官方口径：步行 1.0 米/秒"),
        ("medical_15", "elder"): (CURE, "对照：老年步速 0.85 米/秒"),
    }
    for key, name in named.items():
        covered, missed, unknown, median, *_ = COVERAGE[key]["all"]
        assert rows[name][:4] == ["22", str(covered), str(missed), str(unknown)]
        low, high = covered / 22, (covered + unknown) / 22
        assert rows[name][4:6] == [f"{low:.1%}", f"{high:.1%}"]
        assert rows[name][6:] == [f"{median:,.1f}", ""]


def test_every_town_has_its_figures(tables, paper):
    titles = [grid.title for grid in chapters_of(paper)["分乡镇街道情况"].grids]
    assert titles == [
        "各乡镇街道覆盖、缺口和任务对照（官方口径）",
        "甲街道（城市）",
        "乙镇",
    ]
    overview = with_heads(tables, "乡镇街道", "覆盖率下限", "缺口（处）")
    by_name = {one[0]: one[1:] for one in overview[2:]}
    for unit, name, elders in ((A, "甲街道", 12), (B, "乙镇", 10)):
        cells = [str(elders)]
        for circle, gaps in (("elder_care_15", 1), ("medical_15", int(unit == B))):
            covered, missed, *_ = COVERAGE[circle, "standard"][unit]
            cells += [f"{covered / elders:.1%}", str(missed), str(gaps)]
        assert by_name[name] == cells
    sheets = [t for t in tables if t[0][0] == "服务圈" and t[0][-1] == "最大缺口"]
    covered, missed, unknown, *_ = COVERAGE["medical_15", "standard"][B]
    beside = COVERAGE["medical_15", "elder"][B][0] / 10
    assert sheets[1][2][:7] == [
        CURE, "10", str(covered), str(missed), str(unknown), "20.0%", "30.0%",
    ]  # fmt: skip
    assert sheets[1][2][8:10] == [f"{beside:.1%}", "1"]
    assert sheets[1][1][-1] == "乙山村一组（7 人；距离过远、本村社无设施；建议：新建设施）"


def test_gaps_are_ranked_with_reasons_and_remedies(tables):
    table = with_heads(tables, "地点", "原因", "建议可覆盖人数")
    assert table[1] == [
        "1", "乙山村一组", "7", "2", "距离过远、本村社无设施", "乙镇养老服务中心", "40.0",
        "新建设施", "7", "3.0",
    ]  # fmt: skip
    assert [one[0] for one in table[1:]] == ["1", "2"]
    unknown = next(t for t in tables if t[0] == ["序号", "地点", "老年人数", "原因", "建议"])
    assert [one[3] for one in unknown[1:]] == ["缺坐标", "附近没有已知道路"]
    sums = with_heads(tables, "建议", "建议可覆盖人数", "服务圈")
    assert [one[1:] for one in sums[1:3]] == [
        ["新建设施", "1", "7", "7"],
        ["将已建设施投入运营", "1", "7", "6"],
    ]


def test_other_tables_say_what_their_frames_say(tables):
    services = with_heads(tables, "服务", "计量单位")
    assert services[1][:6] == ["日间照料", CARE, "9", "4", "位", "2"]
    beds = with_heads(tables, "床位", "入住率")
    assert beds[1] == ["合计", "22", "2", "65", "20", "0", "1", "295.5", "6", "90.0%"]
    equity = with_heads(tables, "人群", "分钟数基尼系数")
    assert equity[1][0] == "全体老年人"
    assert equity[1][-2:] == ["0.321", "20.0"]
    firm = with_heads(tables, "稳定覆盖", "稳定未覆盖")
    assert firm[1][1:] == ["22", "5", "2", "13", "2", "20.0%", "25.0%", "40.0%"]
    problems = with_heads(tables, "程度", "问题（例）")
    assert [one[:3] for one in problems[1:]] == [
        ["警告", "1", "设施.xlsx"],
        ["提示", "1", "dem.tif"],
    ]


def test_labels_stand_on_every_page_and_picture_and_under_the_title(document, page, paper):
    label = "合成示例数据：虚构的示范区，不对应任何真实地点或个人"
    assert paper.labels == (label,)
    assert [p.text for p in document.paragraphs[:4]][-1] == label
    for section in document.sections:
        assert label in section.header.paragraphs[0].text
        assert label in section.even_page_header.paragraphs[0].text
    assert page.count(label) == 2


def test_tables_are_set_as_an_office_sets_them(document):
    for table in document.tables:
        first = table.rows[0]._tr
        assert first.xpath("./w:trPr/w:tblHeader")
        assert all(r._tr.xpath("./w:trPr/w:cantSplit") for r in table.rows)
    figures = next(t for t in document.tables if t.cell(0, 1).text == "出行方式")
    sides = [cell.paragraphs[0]._p.xpath("./w:pPr/w:jc/@w:val") for cell in figures.rows[1].cells]
    assert sides == [["left"], ["left"], *[["right"]] * 8]
    captions = [p.text for p in document.paragraphs if p.style.name == "Caption"]
    tables = [int(re.match(r"表(\d+)", one)[1]) for one in captions if one.startswith("表")]
    pictures = [int(re.match(r"图(\d+)", one)[1]) for one in captions if one.startswith("图")]
    assert tables == list(range(1, len(document.tables) + 1))
    assert pictures == list(range(1, len(document.inline_shapes) + 1))
    assert 'w:instr="PAGE"' in document.sections[0].footer._element.xml


def test_pictures_are_what_the_captions_say(paper, document, page):
    pictures = [picture for chapter in paper.chapters for picture in chapter.pictures]
    assert [picture.title for picture in pictures] == [
        "多少分钟内可到达（占全部老年人）",
        f"{CARE}：各单元覆盖率",
        f"{CARE}：缺口和设施",
        f"{CURE}：各单元覆盖率",
        f"{CURE}：缺口和设施",
        f"{CARE}：各乡镇街道老年人覆盖情况",
        f"{CURE}：各乡镇街道老年人覆盖情况",
        "未覆盖老年人的原因（人）",
        "出行分钟数的洛伦兹曲线",
    ]
    assert "最低：乙镇 20.0%；最高：甲街道 33.3%。" in pictures[1].alt
    shapes = document.inline_shapes
    for picture, shape in zip(pictures, shapes, strict=True):
        assert shape._inline.docPr.get("descr") == picture.alt
        image = Image.open(BytesIO(picture.png))
        assert image.width / image.height == pytest.approx(
            picture.width_cm / picture.height_cm, 0.01
        )
        assert len(image.getcolors()) > 20
    images = [attributes for tag, attributes in read(page).tags if tag == "img"]
    assert [one["alt"] for one in images] == [picture.alt for picture in pictures]


def test_the_page_is_one_safe_file(page):
    tags = read(page).tags
    names = {tag for tag, _ in tags}
    assert not names & {"script", "link", "iframe", "object", "form", "base"}
    assert ("html", {"lang": "zh-CN"}) in tags
    policy = next(a["content"] for t, a in tags if t == "meta" and "http-equiv" in a)
    assert policy.startswith("default-src 'none'")
    assert "script-src" not in policy
    for tag, attributes in tags:
        for name, value in attributes.items():
            assert not name.startswith("on")
            if name in ("src", "href"):
                assert value.startswith(("data:image/png;base64,", "#c")), (tag, value[:40])
        if tag == "th":
            assert attributes["scope"] in ("col", "colgroup", "row")
    assert not re.search(r"url\(|@import|https?://(?!www\.w3\.org)", page.split("</style>")[0])


@pytest.mark.usefixtures("all_forms")
def test_two_writes_have_the_same_bytes(folder, tmp_path):
    earlier = max(file.stat().st_mtime for file in folder.iterdir())
    # A time that is written down has another second by then.
    time.sleep(max(0, 2.1 - (time.time() - earlier)))
    write(full_assessment(), tmp_path)
    for name in ("report.docx", "report.html"):
        assert (tmp_path / name).read_bytes() == (folder / name).read_bytes()
    with zipfile.ZipFile(tmp_path / "report.docx") as parts:
        assert {info.date_time for info in parts.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_an_empty_assessment_is_a_report_that_says_so(tmp_path):
    paper, document, page = written(empty_assessment(), tmp_path)
    assert paper.chapters[0].sentences == ("本次评估没有覆盖数据。",)
    assert not any(chapter.pictures for chapter in paper.chapters)
    spoken = "\n".join(p.text for p in document.paragraphs)
    assert "没有区划边界，也没有带坐标的设施或缺口，本报告没有地图。" in spoken
    assert "不能给出覆盖率" in spoken
    assert "%" not in spoken.split("方法")[0]
    assert "<table" not in page or "基本情况" in page


def test_a_study_without_boundaries_maps_its_points(tmp_path):
    result = sample_assessment()
    units = result.units.copy()
    units["geometry"] = None
    paper = write(replace(result, units=units.set_geometry("geometry")), tmp_path)
    maps = chapters_of(paper)["地图和对照图"]
    assert [p.title for p in maps.pictures][:2] == [f"{CARE}：缺口和设施", f"{CURE}：缺口和设施"]


def test_hostile_names_are_text_everywhere(tmp_path):
    name = " ".join(HOSTILE)
    result = full_assessment()
    circle = replace(MEDICAL, title=name)
    changed = replace(
        result,
        study=sample_study(name=name, attribution=name, circles=(circle,), approval_number=name),
        units=result.units.assign(name=name),
        facilities=result.facilities.assign(name=name),
        coverage_by_unit=result.coverage_by_unit.assign(unit_name=name),
        gaps=result.gaps.assign(name=name, facility_name=name, reasons=name, unit_name=name),
        critical=result.critical.assign(name=name),
    )
    _, document, page = written(changed, tmp_path)
    tags = {tag for tag, _ in read(page).tags}
    assert not tags & {"script", "iframe", "object", "svg", "a1", "marquee", "x"}
    attributes = {key for _, found in read(page).tags for key in found}
    assert not {key for key in attributes if key.startswith("on")}
    in_page = "".join(cell for t in read(page).tables for r in t for cell in r)
    in_document = "".join(cell for t in tables_of(document) for r in t for cell in r)
    for text in HOSTILE:
        words = re.split(r"[\x00-\x20\x7f-\x9f\u2028\u2029\ud800-\udfff]", text)
        for word in filter(None, words):
            if "\ufffe" not in word and "\uffff" not in word:
                assert word in in_page, text
                assert word in in_document, text
    xml = zipfile.ZipFile(tmp_path / "report.docx").read("word/document.xml").decode()
    assert "w:fldSimple" not in xml
    assert "w:hyperlink" not in xml


def test_english_has_no_chinese_but_data(tmp_path):
    study = sample_study(language="en", name="Demo", circles=())
    paper, document, page = written(full_assessment(study=study), tmp_path)
    result = full_assessment()
    names = {*result.units["name"], *result.facilities["name"], *result.gaps["name"]}
    names |= {"驿站", "设施.xlsx", "类型", "位"}
    texts = [p.text for p in document.paragraphs]
    texts += [cell for t in tables_of(document) for r in t for cell in r]
    reader = read(page)
    texts += [*reader.texts, *(a.get("alt", "") for _, a in reader.tags)]
    texts += [cell for t in reader.tables for r in t for cell in r]
    for text in texts:
        left = text
        for name in sorted(names, key=len, reverse=True):
            left = left.replace(name, "")
        assert not HAN.search(left), text
    assert ("html", {"lang": "en"}) in reader.tags
    assert paper.chapters[0].title == "Findings"


def test_a_file_that_cannot_be_written_is_an_output_error(paper, tmp_path):
    for write in (write_report_document, write_report_page):
        with pytest.raises(OutputError) as caught:
            write(paper, tmp_path / "missing" / "report", catalogue("zh"))
        assert caught.value.problems[0].code == "output_unwritable"


# Pictures


def dots(text, letters):
    """Return the dots of a text as it is drawn."""
    with settings(letters):
        figure = new_figure(1.2, 2.4)
        figure.text(0.05, 0.3, text, fontsize=16)
        return np.asarray(Image.open(BytesIO(as_drawn(figure).png)).convert("L"))


def test_every_sign_of_the_catalogues_is_in_the_font_that_comes_along():
    for language in ("zh", "en"):
        texts = catalogue(language).texts
        said = [text for key, text in texts.items() if key.startswith(("document.", "report."))]
        assert lettering(said).families == lettering(()).families
        assert lettering(said).lacking == frozenset()


def test_chinese_is_drawn_and_never_as_boxes():
    letters = lettering(["覆盖"])
    # What no font has is drawn as a box, and matplotlib warns of it.
    with pytest.warns(UserWarning, match="missing from font"):
        box = dots("\ue123", letters)
    seen = [dots(sign, letters) for sign in "覆盖率"]
    for at, drawn in enumerate(seen):
        assert (drawn < 128).sum() > 60
        assert not np.array_equal(drawn, box)
        assert not any(np.array_equal(drawn, other) for other in seen[:at])


def test_what_no_font_has_is_a_question_mark():
    letters = lettering(["甲\ue123乙"])
    assert letters.text("甲\ue123乙") == "甲?乙"
    assert letters.text("名" * 30, 10) == "名名名名…"
    assert letters.text("two\nlines\x00") == "two lines "


def test_dollar_signs_are_no_formula():
    letters = lettering(())
    assert not np.array_equal(dots("$x^2$", letters), dots("x2", letters))
    hostile = "$\\frac{$ _a %"
    assert stacked_bars([Stack(hostile, (1, 1, 1))], letters, legend=("a", "b", "c"), count="n").png


def test_charts_draw_what_they_are_given():
    letters = lettering(())
    legend = ("已覆盖", "未覆盖", "无法判定")

    def blue(parts):
        drawn = stacked_bars([Stack("甲", parts)], letters, legend=legend, count="人数")
        colours = np.asarray(Image.open(BytesIO(drawn.png)).convert("RGB")).astype(int)
        near = np.abs(colours - np.array([0x2F, 0x4F, 0x8F])).sum(axis=2) < 40
        return near.sum()

    none, half, all_ = (blue(parts) for parts in ((0, 4, 0), (2, 2, 0), (4, 0, 0)))
    assert all_ - none == pytest.approx(2 * (half - none), rel=0.1)
    minus = Lines((Line("a", (0.0, 1.0), (-1.0, 2.0)),), "x", "y")
    assert line_panels([minus], letters).png != line_panels([minus, minus], letters).png
    one = bar_panels([Bars("圈", ("甲", "乙"), (3.0, 1.0))], letters)
    assert one.png != bar_panels([Bars("圈", ("甲", "乙"), (1.0, 3.0))], letters).png


def test_colours_are_those_of_the_map():
    script = Path(care_map.__file__).parent / "outputs" / "map" / "script"
    units = (script / "units.js").read_text(encoding="utf-8")
    classes = re.findall(r'below: ([\d.]+|Infinity), colour: "(#\w+)"', units)
    assert [(float(below), colour) for below, colour in classes] == list(RATE_CLASSES)
    facilities = (script / "facilities.js").read_text(encoding="utf-8")
    theirs = dict(re.findall(r'(\w+): \{ colour: "(#\w+)"', facilities))
    assert {group: mark[1] for group, mark in MARKS.items()}.items() <= theirs.items()


def test_a_rate_that_changes_changes_the_map():
    result = sample_assessment()
    table = result.coverage_by_unit.copy()
    table.loc[table["unit_id"] == B, "rate_low"] = 0.95
    letters = lettering([*NAMES.values(), CARE, CURE])
    ours, theirs = (
        list(study_maps(Source.of(one), letters))
        for one in (result, replace(result, coverage_by_unit=table))
    )
    assert ours[0].png != theirs[0].png
    assert "最高：乙镇 95.0%" in theirs[0].alt
    assert ours[1].png == theirs[1].png


def test_the_curve_says_how_many_arrive_in_time(monkeypatch):
    panels = []

    def draw(drawn, letters):
        panels.extend(drawn)
        return line_panels(drawn, letters)

    monkeypatch.setattr(charts, "line_panels", draw)
    result = sample_assessment()
    list(charts.minutes_curves(Source.of(result), lettering(())))
    [panel] = panels
    assert panel.marks == (15.0,)
    for line, circle in zip(panel.lines, ("elder_care_15", "medical_15"), strict=True):
        by_minute = dict(zip(line.x, line.y, strict=True))
        assert by_minute[15.0] == pytest.approx(COVERAGE[circle, "standard"]["all"][0] / 22)
        place = 0 if circle == "elder_care_15" else 1
        for minute in (3.0, 8.0, 14.5, 40.0):
            inside = [row[1] for row in ELDERS if MINUTES[row[0]][place] <= minute]
            assert by_minute[minute] == pytest.approx(sum(inside) / 22)


def test_reasons_that_read_alike_count_once(monkeypatch):
    panels = []

    def draw(drawn, letters):
        panels.extend(drawn)
        return bar_panels(drawn, letters)

    monkeypatch.setattr(charts, "bar_panels", draw)
    result = sample_assessment()
    gaps = result.gaps.copy()
    gaps.loc[gaps["gap_id"] == "g1", "reasons"] = "distance;too_far"
    gaps.loc[gaps["gap_id"] == "g2", "reasons"] = "too_far;stairs"
    list(charts.gap_reasons(Source.of(replace(result, gaps=gaps)), lettering(())))
    assert dict(zip(panels[0].names, panels[0].values, strict=True)) == {
        "距离过远": 14,
        "梯道": 7,
    }
