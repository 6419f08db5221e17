"use strict";
// The page's behaviour: charts, selectors, filters, the grid of numbers, long tables.

const byId = (id) => document.getElementById(id);
const parsed = (id) => JSON.parse(byId(id).textContent);
const views = {};

function element(tag, text, attributes = {}) {
  const made = document.createElement(tag);
  made.textContent = text ?? "";
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

// A row of a table. Its first cell is a heading; on a phone, the others show their labels.
function lineOf(texts, labels) {
  const line = element("tr");
  line.append(...texts.map((text, index) => element(index ? "td" : "th", text,
    index ? { "data-label": labels[index] } : { scope: "row" })));
  return line;
}

// Every word must be somewhere in the text.
const matches = (text, search) =>
  search.toLowerCase().split(/\s+/).every((word) => text.toLowerCase().includes(word));

async function draw() {
  for (const place of document.querySelectorAll(".chart")) {
    const name = place.id.replace("chart-", "");
    try {
      const drawn = await window.vegaEmbed(place, parsed(`spec-${name}`), {
        actions: false,
        renderer: "svg",
        tooltip: { theme: "page" },
      });
      // The element around it has the description, and the table below it the numbers.
      place.querySelector("svg").setAttribute("aria-hidden", "true");
      views[name] = drawn.view;
    } catch {
      place.removeAttribute("role");
      place.textContent = "This chart cannot be drawn here. Its numbers are below.";
    }
  }
  connectTimes();
  connect("accuracies", "network", showRows);
  connect("accuracies", "framework");
  connect("predicted", "recipe", showRows);
  document.body.dataset.drawn = "true";
}

const numbersOf = (name) => byId(`chart-${name}`).parentElement.querySelector(".numbers table");

function connect(name, parameter, showTable = () => {}) {
  const select = byId(`${name}-${parameter}`);
  if (!select || !views[name]) return;
  const show = () => {
    views[name].signal(`${parameter}_chosen`, select.value).runAsync();
    showTable(numbersOf(name), parameter, select.value);
  };
  select.addEventListener("change", show);
  show();
}

// The table below a plot shows the rows with the chosen value in a column. An empty value means all.
function showRows(table, column, value) {
  const index = table.querySelector(`th[data-column="${column}"]`).cellIndex;
  for (const row of table.tBodies[0].rows)
    row.hidden = value !== "" && row.cells[index].textContent !== value;
}

// The table below the plot of times has the chosen rows of the plot's own data.
function showNumbers(chosen) {
  const table = numbersOf("times");
  const headings = [...table.querySelectorAll("th[data-column]")];
  const labels = headings.map((heading) => heading.textContent);
  const said = (value) => typeof value === "number" ? +value.toPrecision(3) : value ?? "-";
  const rows = Object.values(parsed("spec-times").datasets).flat().filter(chosen)
    .sort((a, b) => a.seconds - b.seconds);
  table.tBodies[0].replaceChildren(...rows.map((row) =>
    lineOf(headings.map((heading) => said(row[heading.dataset.column])), labels)));
}

function connectTimes() {
  if (!views.times) return;
  const sentences = parsed("times-sentences");
  const select = Object.fromEntries(
    ["recipe", "network", "measure"].map((name) => [name, byId(`times-${name}`)]),
  );
  const key = () => Object.values(select).map((each) => each.value).join("|");

  function show() {
    // A network or a measure that was not timed with the chosen recipe cannot be chosen.
    let start = `${select.recipe.value}|`;
    for (const name of ["network", "measure"]) {
      for (const option of select[name].options)
        option.disabled = !Object.keys(sentences).some(
          (timed) => `${timed}|`.startsWith(`${start}${option.value}|`));
      const free = select[name].querySelector("option:not([disabled])");
      if (select[name].selectedOptions[0].disabled && free) select[name].value = free.value;
      start += `${select[name].value}|`;
    }
    byId("times-finding").textContent = sentences[key()] ?? "Nothing was timed here.";
    for (const [name, each] of Object.entries(select))
      views.times.signal(`${name}_chosen`, each.value);
    showNumbers((row) => Object.entries(select).every(([name, each]) => row[name] === each.value));
    views.times.runAsync();
  }
  for (const each of Object.values(select)) each.addEventListener("change", show);
  show();
}

function connectStatements() {
  const status = byId("statements-status");
  if (!status) return;
  const controls = ["part", "setting", "verdict", "search"].map((name) => byId(`statements-${name}`));
  const cards = [...document.querySelectorAll(".statement")];
  function filter() {
    const [part, setting, verdict, search] = controls.map((control) => control.value);
    let shown = 0;
    for (const card of cards) {
      const judged = [...card.querySelectorAll("[data-setting]")].some(
        ({ dataset }) =>
          (!setting || dataset.setting === setting) && (!verdict || dataset.verdict === verdict),
      );
      const inPart = card.querySelector(".place").textContent.includes(part);
      card.hidden = !(inPart && judged && matches(card.textContent, search));
      shown += !card.hidden;
    }
    status.textContent = `${shown} of ${cards.length} statements`
      + (shown ? "" : ". Nothing matches: try one word, such as depth, torch or time.");
  }
  for (const control of controls) control.addEventListener("input", filter);
  filter();
}

function connectGrid() {
  const why = byId("why");
  if (!why) return;
  const grids = parsed("grid-cells");
  let pinned = null;

  function explain(button) {
    const [grid, y, x] = button.dataset.cell.split(" ").map(Number);
    const cell = grids[grid].rows[y].cells[x];
    why.replaceChildren(element("h3", `${cell.title}: ${grids[grid].name.toLowerCase()}`));
    for (const by of cell.by) {
      const block = element("div", "", { class: "by" });
      block.append(element("p", `${by.recipe}: ${by.verdict}`, { class: "verdict" }));
      if (by.reason) block.append(element("p", by.reason));
      const list = element("dl");
      for (const [name, value] of by.facts) {
        const pair = element("div");
        pair.append(element("dt", name), element("dd", value));
        list.append(pair);
      }
      block.append(list);
      why.append(block);
    }
  }

  function choose(button) {
    pinned?.removeAttribute("aria-current");
    pinned = button;
    pinned.setAttribute("aria-current", "true");
    explain(button);
  }

  for (const table of document.querySelectorAll(".grid")) {
    // One stop of the tab key for each grid; the arrow keys move inside it.
    const cells = [...table.querySelectorAll(".cell")];
    const at = new Map(cells.map((cell) => [cell.dataset.cell.split(" ").slice(1).join(" "), cell]));
    cells.forEach((cell, index) => (cell.tabIndex = index ? -1 : 0));
    const button = (event) => event.target.closest(".cell");
    table.addEventListener("click", (event) => button(event) && choose(button(event)));
    table.addEventListener("focusin", (event) => button(event) && explain(button(event)));
    table.addEventListener("pointerover", (event) => button(event) && explain(button(event)));
    table.addEventListener("pointerleave", () => pinned && explain(pinned));
    table.addEventListener("keydown", (event) => {
      const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
      if (!button(event) || !step[event.key]) return;
      const [, y, x] = button(event).dataset.cell.split(" ").map(Number);
      const next = at.get(`${y + step[event.key][0]} ${x + step[event.key][1]}`);
      event.preventDefault();
      if (!next) return;
      button(event).tabIndex = -1;
      next.tabIndex = 0;
      next.focus();
      choose(next);
    });
  }
  // An example, so that the box is not empty: the first number that is not reproduced.
  choose(document.querySelector(".cell.does-not-hold") ?? document.querySelector(".cell"));
}

// A copy of the page may be without the logs: it names their places then.
const hasLogs = document.body.dataset.logs === "here";

function connectLongTable(place) {
  const id = place.id.replace("long-", "");
  if (!byId(`${id}-rows`)) return;
  const table = parsed(`${id}-rows`);
  const PAGE = 25;
  let rows = table.rows, sorted = null, shown = PAGE;
  const body = place.querySelector("tbody");
  const headings = [...place.querySelectorAll("th")];

  const said = (value, decimals) =>
    value === null ? "-" : decimals === undefined || decimals === null
      ? value : value.toFixed(decimals);

  function withLogs(row) {
    const line = lineOf(
      row.slice(0, -1).map((value, index) => said(value, table.decimals[index])), table.headings);
    const logs = element("td", "", { "data-label": "Logs" });
    const links = element("span");
    for (const [name, end] of Object.entries(table.logs))
      links.append(element("a", name, { href: encodeURI(row.at(-1) + end) }), " ");
    logs.append(hasLogs ? links : element("code", row.at(-1).replace(/^(\.\.\/)+/, "")));
    line.append(logs);
    return line;
  }

  function show() {
    body.replaceChildren(...rows.slice(0, shown).map(withLogs));
    byId(`${id}-more`).hidden = shown >= rows.length;
    const found = `${rows.length} of ${table.rows.length} rows match.`;
    byId(`${id}-status`).textContent = rows.length
      ? `${found} ${Math.min(shown, rows.length)} are shown.`
      : `${found} Try fewer words, such as a framework and a network.`;
  }

  function compare(a, b) {
    const [first, second] = [a[sorted.column], b[sorted.column]];
    if (first === null || second === null) return (first === null) - (second === null);
    const order = typeof first === "number" && typeof second === "number"
      ? first - second : String(first).localeCompare(String(second));
    return sorted.descending ? -order : order;
  }

  function update() {
    const search = byId(`${id}-search`).value;
    rows = table.rows.filter((row) => matches(row.join(" "), search));
    if (sorted) rows.sort(compare);
    show();
  }

  headings.forEach((heading, column) =>
    heading.querySelector("button")?.addEventListener("click", () => {
      sorted = { column, descending: sorted?.column === column && !sorted.descending };
      for (const each of headings) each.removeAttribute("aria-sort");
      heading.setAttribute("aria-sort", sorted.descending ? "descending" : "ascending");
      update();
    }),
  );
  byId(`${id}-search`).addEventListener("input", () => {
    shown = PAGE;
    update();
  });
  byId(`${id}-more`).addEventListener("click", () => {
    shown += 4 * PAGE;
    show();
  });
  update();
}

// Not earlier: after a step back, the browser first fills the controls as they were.
window.addEventListener("pageshow", () => {
  connectStatements();
  connectGrid();
  document.querySelectorAll(".long").forEach(connectLongTable);
  draw();
}, { once: true });
