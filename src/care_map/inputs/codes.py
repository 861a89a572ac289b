"""Words that people write → codes of the vocabulary.

The labels of the message catalogues are known in both languages; here stand the synonyms that
lists use besides.
"""

import re
import unicodedata
from collections.abc import Mapping
from functools import cache

from care_map.messages import LANGUAGES, catalogue
from care_map.vocabulary import VOCABULARIES

__all__ = ["CODED", "codebook", "normal_word", "without_invisible"]

CODED: Mapping[str, str] = {
    "level": "level",
    "setting": "setting",
    "stage": "stage",
    "roles": "facility_type",
    "types": "facility_type",
    "groups": "group",
    "needs": "service",
    "location_quality": "location_quality",
    "origin": "origin",
    "unit_kind": "unit_kind",
    "residence": "residence",
    "operator_kind": "operator_kind",
    "ownership": "ownership",
    "service": "service",
}
"""Column → vocabulary of its codes."""


_SYNONYMS: Mapping[str, Mapping[str, str]] = {
    "level": {
        "district": "区 县 市 区市县 市辖区 县级 区级 区县级 县市",
        "town": "乡 镇 街道 乡镇 镇街 街镇 乡级 镇级 乡镇级 街道办事处 乡镇（街道） 街道乡镇",
        "community": "村 社区 村级 社区级 村居 村（社区） 居委会 村委会 行政村 里 村里",
    },
    "setting": {
        "urban": "城市 城镇 城区 城 街道 市区 居委会",
        "rural": "农村 乡村 乡 村 山区 村委会",
    },
    "stage": {
        "planned": "未启动 未开工 规划 拟建 计划 筹建 未建",
        "siting": "选址 选址中 已选址",
        "building": "在建 建设中 施工 施工中 改造中 装修中",
        "finished": "完工 已完工 竣工 已竣工 已建成 建成",
        "accepted": "验收 已验收 验收合格 通过验收",
        "operating": "运营 运营中 已运营 正常运营 营业 正常 开放 在营 投用 已投用 投入使用",
        "suspended": "停运 已停运 停业 暂停 停用 关停 歇业 关闭 closed",
    },
    "facility_type": {
        "street_centre": "街道中心 街道养老中心 街道级中心",
        "town_centre": "乡镇中心 镇养老服务中心 乡镇养老中心 乡养老服务中心",
        "community_station": "社区站 社区养老站 养老服务站 社区照顾关怀据点 社區照顧關懷據點",
        "village_point": "互助点 村级互助点 互助养老点 村互助养老点 农村互助养老点 "
        "农村幸福院 幸福院",
        "village_station": "村站 村级养老服务站",
        "estate_point": "小区互助点 小区养老点",
        "care_home": "敬老院 养老院 福利院 老年公寓 老年养护院 养护院 养老公寓 社会福利院 "
        "农村敬老院 老人福利机构 老人福利機構",
        "district_care_centre": "区照护中心 区级养老照护中心 县级照护中心 失能照护中心",
        "meal_point": "老年食堂 助餐点 长者食堂 老年餐厅 社区食堂 养老助餐点",
        "central_kitchen": "中央厨房 中心厨房",
        "meal_provider": "餐饮企业 送餐企业 助餐企业 配餐企业",
        "hospital": "医院 综合医院 中医院 人民医院 醫院",
        "community_health_centre": "社区卫生服务中心 社区卫生中心 社区医院",
        "township_health_centre": "乡镇卫生院 卫生院 镇卫生院 中心卫生院 乡卫生院",
        "village_clinic": "村卫生室 卫生室 村卫生所 村医务室",
        "clinic": "诊所 门诊部 社区卫生服务站 门诊 診所",
        "nursing_home": "护理院 护理之家 護理之家",
        "pharmacy": "药店 药房 药局 藥局",
        "community_centre": "社区活动中心 活动中心 老年活动中心 日间活动中心",
        "mobile_stop": "流动养老服务点 流动服务点 流动养老服务",
    },
    "group": {
        "aged_80": "高龄 高龄老人 80岁以上 80岁及以上 80岁以上老人 80岁以上高龄 80+",
        "living_alone": "独居 独居老人 独居老年人",
        "empty_nest": "空巢 空巢老人 空巢老年人",
        "left_behind": "留守 留守老人 留守老年人",
        "no_kin": "孤寡 孤寡老人 孤老",
        "disabled": "失能 失能老人 完全失能 全失能 失能老年人",
        "semi_disabled": "半失能 半失能老人 部分失能 半失能老年人",
        "dementia": "失智 失智老人 认知障碍 认知症 痴呆",
        "bereaved": "失独 失独老人 失独家庭",
        "special_family": "计划生育特殊家庭 计生特殊家庭 计生特扶 特殊家庭 计划生育特殊家庭老年人",
        "destitute_scattered": "分散特困 特困分散 分散供养 分散供养特困人员 特困（分散） "
        "特困人员（分散供养）",
        "destitute_central": "集中特困 特困集中 集中供养 集中供养特困人员 特困（集中） "
        "特困人员（集中供养）",
        "low_income": "低保 低保户 低保老人 最低生活保障 低保对象",
        "hardship": "经济困难 困难 经济困难老人 困难老人 困难家庭",
        "severe_disability": "重残 重度残疾 重度残疾人 重残老人 一级残疾 二级残疾 一二级残疾",
    },
    "service": {
        "meals": "助餐服务 送餐 配餐 用餐 就餐",
        "bathing": "助浴服务 洗浴 洗澡",
        "cleaning": "助洁服务 保洁",
        "medical": "助医服务 就医 医疗",
        "emergency": "助急服务",
        "mobility": "助行服务",
        "recreation": "助乐服务 文娱 娱乐",
        "rehabilitation": "康复服务 康复护理",
        "respite": "托养服务 短期托养 喘息服务 全托",
        "day_care": "日间照料服务 日托 日间托养 日照",
        "health": "健康服务 健康管理服务",
        "education": "老年大学 教育",
        "companionship": "心理慰藉 陪伴 陪聊 精神关爱",
        "housekeeping": "家政服务",
        "escort": "陪同 陪诊 陪同出行",
        "aids": "辅具 辅助器具租赁",
        "rescue": "救援 紧急呼叫",
    },
    "location_quality": {
        "point": "点 点位 精确 坐标",
        "building": "楼栋 建筑 楼",
        "village": "村 社区 村社区 村级",
        "town": "乡镇 街道 乡镇街道 镇街",
        "none": "无 没有",
    },
    "origin": {
        "record": "个人 名册 记录",
        "place": "地点 点位",
        "unit": "单元 区划",
        "raster": "栅格 格网",
        "building": "建筑",
    },
    "unit_kind": {
        "street": "街道办 街道办事处",
        "town": "乡镇 镇 乡 乡（镇） 镇（乡）",
        "community": "城镇社区 居委会 居民委员会",
        "village": "行政村 村委会 村民委员会 农村",
    },
    "residence": {
        "resident": "常住人口 常住老人 常住老年人 非户籍常住 居住",
        "registered": "户籍 户籍人口 户籍常住 户籍居住 在册在住 本地户籍",
        "away": "户籍外出 外出务工 常年外出 长期外出 已外出 外出居住 不在本地 外地居住",
    },
    "operator_kind": {
        "public": "公办 公办公营 公建公营 公营 政府办 国有国营",
        "public_private": "公办民营 公建民营 公建（办）民营 委托运营",
        "private_aided": "民办公助 民建公助",
        "private": "民办 民营 民办民营 民建民营 社会办 私营 民办非营利",
    },
    "ownership": {
        "public": "公有 国有 公有/国有 公有（国有） 集体 集体所有 国有集体 政府 公产 国有资产 公建",
        "private": "民有 私有 民营 民办 社会 私产 个人",
    },
    "strength": {},
    "verdict": {},
}

_NOISE = re.compile(r"[\s_·]+")
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060\ufeff]")


def without_invisible(word: str) -> str:
    """Return a word without signs that nobody sees, as copying from a page brings with it.

    Examples
    --------
    >>> without_invisible("甲站\u200b")
    '甲站'
    """
    return _INVISIBLE.sub("", word)


def normal_word(word: str) -> str:
    """Return a word in the form in which words are compared.

    Examples
    --------
    >>> normal_word(" 特困（分散） "), normal_word("Care Home")
    ('特困(分散)', 'carehome')
    """
    text = without_invisible(unicodedata.normalize("NFKC", word))
    return _NOISE.sub("", text).casefold()


@cache
def codebook(vocabulary: str) -> Mapping[str, str]:
    """Return the words of a vocabulary: word as :func:`normal_word` gives it → code.

    特困 alone is not there: scattered and central are two groups.

    Parameters
    ----------
    vocabulary
        A value of :data:`CODED`.

    Returns
    -------
    Mapping

    Examples
    --------
    >>> codebook("facility_type")["敬老院"], codebook("group").get("特困")
    ('care_home', None)
    """
    words: dict[str, str] = {}
    for code in VOCABULARIES[vocabulary]:
        labels = [catalogue(language).label(vocabulary, code) for language in LANGUAGES]
        synonyms = _SYNONYMS[vocabulary].get(code, "").split()
        for word in (code, *labels, *synonyms):
            words.setdefault(normal_word(word), code)
    return words
