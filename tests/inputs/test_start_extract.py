"""A study from an extract alone: what is written can be read back by the ordinary readers."""

import time

import pandas as pd
import pytest

from care_map.config import read_study
from care_map.errors import InputError
from care_map.inputs.load import load_inputs
from care_map.workflows.start import start

TOY = """<osm version="0.6">
<node id="1" lon="0" lat="0"/><node id="2" lon="0.01" lat="0"/>
<node id="3" lon="0.01" lat="0.01"/><node id="4" lon="0" lat="0.01"/>
<node id="5" lon="0.005" lat="0.005"><tag k="amenity" v="nursing_home"/>
<tag k="name" v="=HYPERLINK(&quot;x&quot;)&#10;[study]"/><tag k="phone" v="+86 23 1"/></node>
<way id="10"><nd ref="1"/><nd ref="2"/><nd ref="3"/><tag k="highway" v="residential"/></way>
<way id="11"><nd ref="3"/><nd ref="4"/><nd ref="1"/></way>
<way id="12"><nd ref="1"/><nd ref="2"/><nd ref="3"/></way>
<relation id="20"><member type="way" ref="11" role="outer"/>
<member type="way" ref="12" role="outer"/>
<tag k="type" v="boundary"/><tag k="boundary" v="administrative"/><tag k="admin_level" v="6"/>
<tag k="name" v="Bad&quot;&#10;data = &quot;real"/></relation>
</osm>"""


@pytest.fixture
def toy(tmp_path):
    file = tmp_path / "toy.osm"
    file.write_text(TOY, encoding="utf-8")
    return file


def test_study_is_written_and_read_back(toy, tmp_path):
    path, problems = start(toy, out=tmp_path / "study", elders=321)
    study = read_study(path)
    assert study.data == "proxy"
    assert study.path(study.roads.path).resolve() == toy.resolve()
    inputs = load_inputs(study)
    assert inputs.demand["elders"].sum() == 321
    assert inputs.facilities["roles"].tolist() == ["care_home"]
    assert inputs.facilities["stage"].tolist() == ["operating"]
    assert inputs.facilities["in_area"].all()
    assert len(inputs.units) == 1
    assert "321" in study.attribution
    issues = pd.read_csv(path.parent / "start_issues.csv", encoding="utf-8-sig")
    assert issues["类别"].tolist() == [problem.code for problem in problems]


def test_hostile_names_stay_text(toy, tmp_path):
    path, _ = start(toy, out=tmp_path / "study", place='Bad"\ndata = "real')
    study = read_study(path)
    assert study.name == 'Bad"\ndata = "real'
    assert study.data == "proxy"
    text = (path.parent / "data/facilities/facilities.csv").read_text(encoding="utf-8-sig")
    header, row = text.splitlines()
    assert "'=HYPERLINK" in row
    assert ",0086 23 1," in row
    assert header.startswith("设施编号,设施名称")


def test_same_extract_same_bytes(toy, tmp_path):
    folders = [tmp_path / "a", tmp_path / "b"]
    for folder in folders:
        start(toy, out=folder)
        time.sleep(1.1)
    for file in ("data/boundaries/units.gpkg", "data/demand.csv", "study.toml", "start_issues.csv"):
        assert (folders[0] / file).read_bytes() == (folders[1] / file).read_bytes(), file


def test_changed_files_are_never_replaced(toy, tmp_path):
    out = tmp_path / "study"
    start(toy, out=out, elders=5)
    start(toy, out=out, elders=6)  # as it was written: replaced
    facilities = out / "data/facilities/facilities.csv"
    facilities.write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match=r"facilities\.csv"):
        start(toy, out=out, elders=7)
    assert facilities.read_text(encoding="utf-8") == "mine"


def test_study_of_somebody_else_is_never_replaced(toy, tmp_path):
    (tmp_path / "study.toml").write_text("[study]", encoding="utf-8")
    with pytest.raises(InputError) as raised:
        start(toy, out=tmp_path)
    assert [problem.code for problem in raised.value.problems] == ["start_exists"]
    with pytest.raises(InputError):
        start(toy, out=toy)


def test_default_folder_is_under_outputs(toy, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path, _ = start(toy)
    assert path.as_posix() == "outputs/toy/study.toml"
    assert load_inputs(read_study(path)).has_demand


def test_numbers_that_do_not_fit_are_listed_together(toy, tmp_path):
    with pytest.raises(InputError) as raised:
        start(toy, out=tmp_path / "s", elders=0, population=-3, elder_share=1.5)
    options = [problem.source for problem in raised.value.problems]
    assert options == ["--elders", "--population", "--elder-share", "--elders"]
    assert not (tmp_path / "s").exists()


def test_population_times_share(toy, tmp_path):
    path, _ = start(toy, out=tmp_path / "s", population=1000, language="en")
    study = read_study(path)
    assert load_inputs(study).demand["elders"].sum() == 187
    assert "187 elders = 1,000 people × 18.7%" in study.attribution


@pytest.mark.real_data
@pytest.mark.parametrize("name", ["andorra", "helsinki"])
def test_real_extracts(shared_data, tmp_path, name):
    path, problems = start(shared_data / name / f"{name}.osm.pbf", out=tmp_path / "s")
    inputs = load_inputs(read_study(path))
    assert inputs.demand["elders"].sum() == 10_000
    assert (inputs.demand["unit_id"] != "").all()
    assert not [problem for problem in problems if problem.severity == "error"]
    assert "osm_demand_weights" in {problem.code for problem in problems}


@pytest.mark.real_data
def test_one_parish_of_andorra(shared_data, tmp_path):
    extract = shared_data / "andorra" / "andorra.osm.pbf"
    path, _ = start(extract, out=tmp_path / "s", place="Encamp", elders=1000)
    inputs = load_inputs(read_study(path))
    assert inputs.units["name"].tolist() == ["Encamp"]
    assert inputs.demand["elders"].sum() == 1000
    assert not inputs.facilities["in_area"].all()
    with pytest.raises(InputError, match="Encamp, "):
        start(extract, out=tmp_path / "t", place="Atlantis")
