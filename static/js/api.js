// Tries a call of the API. The token is read from its field for each call, and kept nowhere else.
const API = "/api/v1";
const token = document.getElementById("token");

function fields(form, where) {
  return [...form.querySelectorAll(`[data-in=${where}]`)].filter((field) => field.value !== "");
}

function address(form) {
  const path = fields(form, "path").reduce(
    (text, field) => text.replace(`{${field.name}}`, encodeURIComponent(field.value.trim())),
    form.dataset.path,
  );
  const query = new URLSearchParams(fields(form, "query").map((field) => [field.name, field.value]));
  return API + path + (query.size ? `?${query}` : "");
}

function show(form, status, text) {
  const line = document.createElement("p");
  line.className = "small strong mb-0";
  line.textContent = status;
  const parts = [line];
  if (text) {
    const body = document.createElement("pre");
    body.tabIndex = 0;
    body.setAttribute("aria-label", "The answer");
    body.textContent = text;
    parts.push(body);
  }
  form.querySelector("[data-result]").replaceChildren(...parts);
}

function readable(text) {
  try { return JSON.stringify(JSON.parse(text), null, 2); } catch { return text; }
}

async function send(form) {
  const { method } = form.dataset;
  const [body] = fields(form, "body");
  const headers = { Authorization: `Bearer ${token.value.trim()}` };
  if (body) headers["Content-Type"] = "application/json";
  const began = performance.now();
  const answer = await fetch(address(form), {
    method, headers, body: body?.value, credentials: "omit", cache: "no-store", redirect: "error",
  });
  const text = await answer.text();
  const took = Math.round(performance.now() - began);
  show(form, `${answer.status} ${answer.statusText}, ${took} ms: ${method} ${address(form)}`, readable(text));
}

document.addEventListener("submit", async (event) => {
  const form = event.target.closest(".api-try");
  if (!form) return;
  event.preventDefault();
  if (!token.value.trim()) {
    show(form, "Paste your API token at the top of this page first.");
    token.focus();
    return;
  }
  const button = form.querySelector("[type=submit]");
  button.disabled = true;
  try {
    await send(form);
  } catch {
    show(form, "Farmhand could not be reached. Check your connection and send it again.");
  } finally {
    button.disabled = false;
  }
});
