import { expect, it } from "vitest";
import { preferredLanguage, regional } from "./texts";

it.each([
  [["de-AT", "en-GB"], "de", "de-AT", "en-GB"],
  [["fr-FR", "en-us"], "en", "de", "en-US"],
  [["fr-FR"], "en", "de", "en"],
  [[], "en", "de", "en"],
  [["en-US@posix"], "en", "de", "en"],
  [["en-GB-u-ca-buddhist"], "en", "de", "en-GB"],
])("a browser of %j has a page in %s, with dates as in %s or %s", (wanted, preferred, german, english) => {
  expect(preferredLanguage(wanted)).toBe(preferred);
  expect(regional("de", wanted)).toBe(german);
  expect(regional("en", wanted)).toBe(english);
});
