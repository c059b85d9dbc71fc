// What a person has chosen for this browser. Nothing of it leaves the browser.

import { useSyncExternalStore } from "react";
import { type Language, preferredLanguage } from "../texts/texts";

export type Theme = "auto" | "light" | "dark";

interface Settings {
  readonly language: Language;
  readonly theme: Theme;
}

const storageKey = "rollcall";
const listeners = new Set<() => void>();
let settings = load();

function load(): Settings {
  const fallback: Settings = { language: preferredLanguage(), theme: "auto" };
  try {
    const saved = JSON.parse(localStorage.getItem(storageKey) ?? "{}") as Partial<Settings>;
    return {
      language: saved.language === "en" || saved.language === "de" ? saved.language : fallback.language,
      theme: saved.theme === "light" || saved.theme === "dark" ? saved.theme : fallback.theme,
    };
  } catch {
    return fallback; // storage is not allowed, or holds something else
  }
}

export function change(changed: Partial<Settings>): void {
  settings = { ...settings, ...changed };
  apply();
  try {
    localStorage.setItem(storageKey, JSON.stringify(settings));
  } catch {
    // Then it holds for this page alone.
  }
  for (const listener of listeners) listener();
}

/** Shows the theme and the language to the browser. */
export function apply(): void {
  document.documentElement.lang = settings.language;
  document.documentElement.dataset["theme"] = settings.theme;
}

export function useSettings(): Settings {
  return useSyncExternalStore(subscribe, () => settings);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
