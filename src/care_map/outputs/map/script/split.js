// The line between map and table: dragged, moved by keys, or folded away.

const TABLE_MOST = 0.8;
const TABLE_USUAL = 0.3;
const TABLE_STEP = 0.05;

function startSplit(map, view) {
  const bar = byId("split");
  const work = bar.closest(".work");
  const set = (share) => {
    state.table = share < 0.08 ? 0 : Math.min(TABLE_MOST, share);
    renderSplit();
  };
  const move = (event) => {
    const box = work.getBoundingClientRect();
    set((box.bottom - event.clientY) / box.height);
  };
  const end = () => {
    bar.removeEventListener("pointermove", move);
    tell(hooks.changed, map, view);
  };
  bar.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    bar.setPointerCapture(event.pointerId);
    bar.addEventListener("pointermove", move);
  });
  bar.addEventListener("pointerup", end);
  bar.addEventListener("keydown", (event) => {
    const step = { ArrowUp: TABLE_STEP, ArrowDown: -TABLE_STEP }[event.key];
    if (!step) return;
    event.preventDefault();
    set(state.table + step);
    tell(hooks.changed, map, view);
  });
  byId("fold").addEventListener("click", () => choose(map, view, { table: state.table ? 0 : TABLE_USUAL }));
}

function renderSplit() {
  const share = state.table;
  const table = byId("split").parentElement;
  table.classList.toggle("folded", !share);
  table.style.setProperty("--share", `${100 * share}%`);
  byId("split").setAttribute("aria-valuenow", String(Math.round(100 * share)));
  byId("fold").textContent = share ? t("fold") : t("unfold");
  byId("fold").setAttribute("aria-expanded", String(share > 0));
}
