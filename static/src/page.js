// What every page needs: the theme switch, the CSRF token, the lab's addresses.
export const csrf = () => document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] ?? document.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";
export const nonce = () => document.querySelector("meta[name=csp-nonce]")?.content ?? "";

export async function fetchJson(path, options = {}) {
  const answer = await fetch(path, { credentials: "same-origin", ...options });
  if (!answer.ok) throw new Error(`${answer.status} ${answer.statusText}`);
  return answer.json();
}

export function postJson(path, body) {
  return fetchJson(path, { method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json", "X-CSRFToken": csrf() } });
}

export function mountTheme() {
  const button = document.querySelector("[data-theme-switch]");
  if (!button) return;
  const dark = () => {
    const set = document.documentElement.dataset.theme;
    return set ? set === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  };
  const show = () => button.setAttribute("aria-pressed", String(dark()));
  button.addEventListener("click", (event) => {
    event.preventDefault();
    const next = dark() ? "light" : "dark";
    document.documentElement.dataset.theme = next;
    document.cookie = `kubarium_theme=${next}; path=/; max-age=31536000; samesite=lax`;
    show();
    document.dispatchEvent(new CustomEvent("theme"));
  });
  show();
}

// A language is chosen by its own form; without scripts its button does it.
export function mountLanguage() {
  const select = document.querySelector("[data-language]");
  select?.addEventListener("change", () => select.form.submit());
}
