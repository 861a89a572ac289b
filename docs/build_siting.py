"""Draw the demonstration's frontier of cost and coverage: docs/images/siting-frontier.svg."""

from pathlib import Path

import pandas as pd

import care_map as cm

HERE = Path(__file__).parent
CIRCLE = "elder_care_15"
BUDGETS = [250_000 * step for step in range(33)]
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 760, 420, 66, 24, 46, 54


def main() -> None:
    """Write the picture."""
    result = cm.assess(cm.read_study(HERE.parent / "data"))
    points = cm.frontier(result, circle=CIRCLE, budgets=BUDGETS)
    if not (points["status"] == "optimal").all():
        msg = "the picture says that every point is proved optimal"
        raise RuntimeError(msg)
    text = drawing(points)
    (HERE / "images" / "siting-frontier.svg").write_text(text, encoding="utf-8", newline="\n")


def drawing(points: pd.DataFrame) -> str:
    """Return the picture of a frontier as SVG.

    Parameters
    ----------
    points
        Columns of the table ``frontier``, by rising budget.
    """
    most = float(points["asked"].max())
    low, high = (float(points["rate"].iloc[at]) * 100 for at in (0, -1))
    low, high = int(low), int(high) + 1

    def x(yuan: float) -> float:
        return LEFT + yuan / most * (WIDTH - LEFT - RIGHT)

    def y(percent: float) -> float:
        return HEIGHT - BOTTOM - (percent - low) / (high - low) * (HEIGHT - TOP - BOTTOM)

    font = "Noto Sans CJK SC, Microsoft YaHei, sans-serif"
    title = "15分钟养老服务圈：预算与覆盖率（示范区，合成数据）"
    foot = "预算（万元）；每一点都已证明最优"
    view = f'viewBox="0 0 {WIDTH} {HEIGHT}" font-family="{font}" font-size="13"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {view}>',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        f'<text x="{LEFT}" y="24" font-size="16" fill="#1b2a38">{title}</text>',
    ]
    for percent in range(low, high + 1):
        at = f"{y(percent):.1f}"
        parts.append(f'<path d="M{LEFT} {at}H{WIDTH - RIGHT}" stroke="#dde3e8"/>')
        parts.append(_text(LEFT - 8, y(percent) + 4, f"{percent}%", "end"))
    below = HEIGHT - BOTTOM + 20
    parts += [
        _text(x(yuan), below, str(yuan // 10_000), "middle")
        for yuan in range(0, int(most) + 1, 1_000_000)
    ]
    parts.append(_text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 12, foot, "middle"))
    rows = points.to_dict("records")
    stairs = [f"M{x(rows[0]['asked']):.1f} {y(rows[0]['rate'] * 100):.1f}"]
    stairs += [f"H{x(row['asked']):.1f}V{y(row['rate'] * 100):.1f}" for row in rows[1:]]
    parts.append(f'<path d="{"".join(stairs)}" fill="none" stroke="#1f6f8b" stroke-width="2.5"/>')
    for row in rows[4::4]:
        at_x, at_y = x(row["asked"]), y(row["rate"] * 100)
        parts.append(f'<circle cx="{at_x:.1f}" cy="{at_y:.1f}" r="4" fill="#1f6f8b"/>')
        words = f"+{row['newly_covered']}人 · {row['sites']}处"
        parts.append(_text(at_x - 6, at_y - 9, words, "end"))
    return "\n".join([*parts, "</svg>"]) + "\n"


def _text(x: float, y: float, words: str, anchor: str) -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"'
    return f'<text {place} fill="#46545f">{words}</text>'


if __name__ == "__main__":
    main()
