// Asking the JSON API, and small helpers to draw. Everything shown is set as text, never as markup.

export const who = document.getElementById("who");

export class Problem extends Error {
  constructor(document) {
    super(document.detail);
    this.document = document;
  }
}

export async function get(path) {
  return answer(await fetch(path));
}

// One key for one click. Where no answer comes, or the store failed, the same click is sent again under the same key:
// however far it got the first time, it is carried out once.
export async function post(path, body, tries = 2) {
  const key = crypto.randomUUID();
  const headers = { "Content-Type": "application/json", "Idempotency-Key": key };
  for (let left = tries - 1; ; left -= 1) {
    const response = await fetch(path, { method: "POST", headers, body: JSON.stringify(body) }).catch((lost) => lost);
    const answered = response instanceof Response;
    if (answered && (response.status !== 503 || left === 0)) return answer(response);
    if (left === 0) throw response;
    const seconds = answered ? Number(response.headers.get("Retry-After")) : 1;
    await new Promise((go) => setTimeout(go, 1000 * seconds));
  }
}

async function answer(response) {
  const document = await response.json();
  if (!response.ok) throw new Problem(document);
  return document;
}

export function element(name, text = "", attributes = {}) {
  const made = document.createElement(name);
  made.textContent = text;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

export function day(instant) {
  return instant ? new Date(instant).toLocaleDateString("en-GB", { dateStyle: "medium" }) : "";
}

export function moment(instant) {
  return instant ? new Date(instant).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" }) : "";
}

// Who sits here: a stand-in for your login, kept in a cookie without a secret.
export async function sitsHere(changed) {
  const people = await get("/api/people");
  const kept = document.cookie.match(/(?:^|; )demo_person=([^;]+)/);
  for (const one of people) who.append(element("option", one.name, { value: one.id }));
  if (kept && people.some((one) => one.id === kept[1])) who.value = kept[1];
  const keep = () => { document.cookie = `demo_person=${who.value}; path=/; SameSite=Strict`; };
  keep();
  who.addEventListener("change", () => { keep(); changed(); });
  return people;
}
