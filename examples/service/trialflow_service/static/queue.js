import { day, element, get, sitsHere } from "./api.js";

const MOST = 50;
const owner = document.getElementById("owner");
const table = document.getElementById("queue");
const DUE = { overdue: "overdue since", due_today: "today,", later: "", none: "" };

async function draw() {
  const asked = owner.value ? `?owner=${encodeURIComponent(owner.value)}` : "";
  const [list, names] = await Promise.all([get(`/api/worklist${asked}`), get("/api/names")]);
  const rows = list.rows.slice(0, MOST).map((row) => {
    const line = element("tr");
    const link = element("a", names[row.lead_id] ?? row.lead_id, { href: `/leads/${row.lead_id}` });
    const first = element("th", "", { scope: "row" });
    first.append(link);
    const due = row.due_at ? `${DUE[row.due]} ${day(row.due_at)}`.trim() : "no date";
    line.append(
      first,
      element("td", names[row.status] ?? row.status_label),
      element("td", row.action_label),
      element("td", due, { class: row.due }),
      element("td", row.owner === "UNASSIGNED" ? "nobody" : (names[row.owner] ?? row.owner)),
    );
    return line;
  });
  table.tBodies[0].replaceChildren(...rows);
  table.hidden = rows.length === 0;
  const shown = rows.length < list.rows.length ? `The first ${rows.length} of ` : "";
  document.getElementById("count").textContent = `${shown}${list.rows.length} open lead${list.rows.length === 1 ? "" : "s"}`;
}

function drawn() {
  return draw().then(
    () => { document.getElementById("message").textContent = ""; },
    (failed) => { document.getElementById("message").textContent = failed.message; },
  );
}

for (const one of await sitsHere(drawn)) {
  if (one.role === "coordinator") owner.append(element("option", one.name, { value: one.id }));
}
owner.append(element("option", "nobody’s", { value: "UNASSIGNED" }));
owner.addEventListener("change", drawn);
await drawn();
