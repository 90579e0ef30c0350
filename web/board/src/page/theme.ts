// Light, dark, or as the system is; remembered in this browser.
const KEY = "immonow.theme";
const THEMES = ["auto", "light", "dark"] as const;

export type Theme = (typeof THEMES)[number];

export function theme(): Theme {
  const chosen = localStorage.getItem(KEY);
  return THEMES.find((one) => one === chosen) ?? "auto";
}

export function nextTheme(): Theme {
  const next = THEMES[(THEMES.indexOf(theme()) + 1) % THEMES.length]!;
  localStorage.setItem(KEY, next);
  showTheme();
  return next;
}

export function showTheme(): void {
  document.documentElement.dataset.theme = theme();
}
