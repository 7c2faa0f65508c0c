import { day, element, get, moment, post, Problem, sitsHere } from "./api.js";

const lead = `/api/leads/${location.pathname.split("/").at(-1)}`;
const message = document.getElementById("message");
const ask = document.getElementById("ask");
const LABELS = { reason: "Reason", authority_ref: "Recorded where (such as a log entry)", visit_at: "Visit on" };
const ASKED = ["reason_missing", "authority_missing", "visit_missing"]; // the field for it is on the page

let version = 0; // of what is on the screen: whatever is clicked is meant for this version
let busy = false; // while one click is under way, a second one is a slip of the hand

async function draw() {
  const found = await get(lead);
  const [moves, history] = await Promise.all([get(`${lead}/options`), get(`${lead}/history`)]);
  version = found.version;
  document.title = found.called;
  document.getElementById("called").textContent = found.called;
  document.getElementById("facts").replaceChildren(...facts(found));
  document.getElementById("moves").replaceChildren(...moves.options.map(button));
  document.getElementById("history").replaceChildren(
    ...history.reverse().map((one) => element("li", told(one))),
  );
  ask.hidden = true;
}

function facts(found) {
  const next = found.next.due_at ? `${found.next.label}, until ${day(found.next.due_at)}` : found.next.label;
  const rows = [
    ["Status", `${found.status_label}, since ${day(found.since)}`],
    ["Next", next],
    ["Owner", found.owner === "UNASSIGNED" ? "nobody" : found.owner_called],
    ["Source", found.source],
    ["Contact attempts", String(found.attempts)],
    ["Blocked by", found.blockers.join(", ") || "nothing"],
    ["Visit", moment(found.visit_at) || "none planned"],
  ];
  return rows.flatMap(([name, value]) => [element("dt", name), element("dd", value)]);
}

// A button that cannot work stays in the order of the keyboard, says why beside it, and says it again when pressed.
function button(option) {
  const row = element("li");
  const made = element("button", option.label, { type: "button", "data-move": option.move });
  row.append(made);
  const open = option.allowed || option.refusals.length === option.asks.length;
  if (!open) {
    const why = element("span", option.refusals.map(words).join("; "), { class: "why", id: `why-${option.move}` });
    made.setAttribute("aria-disabled", "true");
    made.setAttribute("aria-describedby", why.id);
    row.append(why);
  }
  made.addEventListener("click", () => {
    if (!open) refused(`“${option.label}”`, option.refusals);
    else if (option.asks.length > 0) question(option);
    else act("moves", { to: option.move });
  });
  return row;
}

function question(option) {
  const fields = option.asks.map((name) => field(name, option.reasons));
  ask.replaceChildren(element("h3", option.label), ...fields, element("button", "Record", { type: "submit" }));
  ask.onsubmit = (event) => {
    event.preventDefault();
    const given = Object.fromEntries(new FormData(ask));
    if (given.visit_at) given.visit_at = new Date(given.visit_at).toISOString();
    const visit = option.asks.includes("visit_at");
    act(visit ? "visits" : "moves", visit ? given : { to: option.move, ...given });
  };
  ask.hidden = false;
  ask.elements[0].focus();
}

function field(name, reasons) {
  const label = element("label", `${LABELS[name]} `);
  const made = element(name === "reason" ? "select" : "input", "", { name });
  if (name === "visit_at") made.type = "datetime-local";
  if (name === "reason") {
    made.append(element("option", "choose one", { value: "" }));
    for (const reason of reasons) made.append(element("option", reason.label, { value: reason.code }));
  }
  label.append(made);
  return label;
}

async function act(command, body) {
  if (busy) return;
  busy = true;
  try {
    await post(`${lead}/${command}`, { ...body, expected_version: version });
    await draw();
    say("Recorded.", [], "done");
  } catch (error) {
    explain(error);
  } finally {
    busy = false;
  }
}

function explain(error) {
  if (!(error instanceof Problem)) say("The service cannot be reached. Look at the lead again before you repeat this: it may be recorded.");
  else if (error.document.code === "conflict") conflict(error.document);
  else if (error.document.code === "refused") refused("This", error.document.refusals);
  else if (error.document.problems) say("This was not recorded:", error.document.problems.map((one) => `${one.path}: ${one.message}`));
  else say(error.message);
}

function told(one) {
  return `${moment(one.at)}, ${one.by_called}: ${one.said}`;
}

function refused(what, refusals) {
  say(`${what} is not possible now:`, refusals.map(words));
}

function words(refusal) {
  return refusal.fix && !ASKED.includes(refusal.code) ? `${refusal.message} – ${refusal.fix}` : refusal.message;
}

function conflict(problem) {
  const since = problem.meanwhile.map(told);
  say(`Nothing was recorded: this lead changed while you looked at it. You saw version ${problem.expected}, it is at version ${problem.actual} now. Meanwhile:`, since);
  const again = element("button", "Show the lead as it is now", { type: "button" });
  again.addEventListener("click", () => {
    draw().then(() => say("This is the lead as it is now. Decide again.", [], "done"), explain);
  });
  message.append(again);
}

function say(text, rows = [], kind = "trouble") {
  const list = element("ul");
  list.append(...rows.map((row) => element("li", row)));
  message.className = `message ${kind}`;
  message.replaceChildren(element("p", text), ...(rows.length ? [list] : []));
  message.focus();
}

for (const made of document.querySelectorAll("[data-outcome]")) {
  made.addEventListener("click", () => act("contacts", { outcome: made.dataset.outcome }));
}
await sitsHere(() => draw().catch(explain));
await draw().catch(explain);
