"""Columns that only clauses of notices ask for: no office has all of them, few lists have many.

They are read where a list has them; the templates of a study carry those that its policy pack
names.
"""

from care_map.schema.columns import column

__all__ = ["ELDER_CHECKS", "FACILITY_CHECKS", "UNIT_CHECKS"]

UNIT_CHECKS = (
    column(
        "care_land_m2", "number", "养老用地（平方米）", "land for elder care, m2", "养老用地面积"
    ),
    column("social_workers", "integer", "社会工作者", "social workers", "社工人数"),
    column("volunteers", "integer", "志愿者", "volunteers", "志愿者人数"),
    column("main_urban", "flag", "主城区", "in the main urban area", "是否主城区"),
)

FACILITY_CHECKS = (
    column("canteen", "flag", "食堂", "canteen", "是否有食堂"),
    column("canteen_date", "date", "食堂建成日期", "canteen since", "老年食堂建成日期"),
    column("short_stay_beds", "integer", "短托床位（张）", "short-stay beds", "短托床位"),
    column("condition_met", "flag", "有条件有需求", "conditions and need", "有条件、有需求"),
    column("welfare_home", "flag", "是否敬老院", "home for the destitute", "敬老院"),
    column("upgraded", "flag", "提档升级", "upgraded", "是否提档升级"),
    column("general_hospital", "flag", "综合性医院", "general hospital", "是否综合性医院"),
    column("chain_complex", "flag", "连锁综合体", "chain complex", "居家社区养老综合体"),
    column("own_room", "flag", "单独功能用房", "room of its own", "独立用房"),
    column("adviser", "flag", "养老顾问点", "care adviser", "养老顾问"),
    column("age_adapted", "flag", "适老化改造", "adapted for age", "是否适老化改造"),
    column("adapted_date", "date", "改造完成日期", "adapted on"),
    column("outdoor_space", "flag", "室外活动场所", "outdoor space", "室外场地"),
    column("standard_signs", "flag", "统一标识", "standard signs", "统一标识标牌"),
    column("insured", "flag", "公众责任险", "public liability insurance", "责任保险"),
    column("filing_number", "text", "备案编号", "filing number", "备案号"),
    column("deposit_yuan", "number", "押金（元）", "deposit, yuan", "押金"),
    column("monthly_fee_yuan", "number", "月收费（元）", "monthly fee, yuan", "月收费标准"),
    column("hospital_level", "integer", "医院等级（级）", "hospital level", "医院级别"),
    column("geriatrics", "flag", "老年医学科", "geriatrics department", "设老年病科"),
    column("monitored", "flag", "在线监测", "monitored online", "接入监管平台"),
    column("events_per_week", "number", "每周活动次数", "events a week", "每周活动"),
    column("estate_households", "integer", "小区户数", "households of the estate", "配建小区户数"),
    column("inclusive", "flag", "普惠", "affordable", "普惠养老"),
    column("invested_socially", "flag", "社会投资", "socially invested", "社会资本投资"),
    column("equipment", "list", "设备", "equipment", "设施设备"),
    column("social_workers", "integer", "社会工作者", "social workers", "社工人数"),
    column(
        "run_by_institution",
        "flag",
        "养老机构运营",
        "run by a care institution",
        "是否养老机构运营",
    ),
    column("farmhouse", "flag", "农户设点", "in a farmhouse", "依托农户设点"),
    column("carers", "integer", "养老护理员", "carers", "护理员人数", "养老护理员人数"),
    column("certified_carers", "integer", "持证养老护理员", "certified carers", "持证护理员人数"),
    column(
        "combined_demonstration",
        "flag",
        "医养结合示范机构",
        "demonstration home with medical care",
        "是否医养结合示范机构",
    ),
    column("trained_staff", "integer", "岗前培训人员", "staff trained before the job"),
)

ELDER_CHECKS = (
    column("receives", "list", "已享受", "receives", "已享受待遇", "已享受服务"),
    column("assessed_date", "date", "评估日期", "assessed on", "能力评估日期"),
    column("has_record", "flag", "已建档", "has a record", "建档"),
    column("health_file", "flag", "健康档案", "health file", "是否有健康档案"),
    column("consents", "flag", "同意改造", "consents to adaptation", "改造意愿"),
    column("adapted_date", "date", "改造完成日期", "home adapted on", "适老化改造日期"),
    column("asks_placement", "flag", "申请集中供养", "asks for central care", "集中供养意愿"),
    column("placed", "flag", "已集中供养", "in central care", "是否集中供养"),
    column("home_bed", "flag", "家庭养老床位", "home care bed", "家庭照护床位"),
    column("bathing_month", "integer", "本月助浴补贴次数", "bathing subsidies this month"),
    column("cleaning_month", "integer", "本月助洁补贴次数", "cleaning subsidies this month"),
    column("registered_at", "text", "户籍地", "registered at", "户籍所在地"),
)
