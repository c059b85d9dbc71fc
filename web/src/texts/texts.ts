// The language of the page, and the form of numbers and dates, which is the browser's.

import { createContext, useContext } from "react";
import { de } from "./de";
import { en, type Texts } from "./en";

export type Language = "en" | "de";

export const languages: Record<Language, Texts> = { en, de };

/** The first of the browser's languages that the page has. */
export function preferredLanguage(wanted: readonly string[] = navigator.languages): Language {
  for (const tag of wanted) {
    const language = tag.slice(0, 2).toLowerCase();
    if (language === "en" || language === "de") return language;
  }
  return "en";
}

/** The page's language as it is spoken where the browser is: en-GB rather than en. */
export function regional(language: Language, wanted: readonly string[] = navigator.languages): string {
  const tag = wanted.find((one) => one.slice(0, 2).toLowerCase() === language) ?? language;
  try {
    return new Intl.Locale(tag).baseName;
  } catch {
    return language; // some browsers have tags that are none, such as "en-US@posix"
  }
}

export const TextsContext = createContext<Texts>(en);

export function useTexts(): Texts {
  return useContext(TextsContext);
}
