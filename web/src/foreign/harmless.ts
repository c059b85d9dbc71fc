// What others have published is shown, never obeyed: they need not have kept to the
// API's rules. What the rules allow is shown as it is.

/** What the rules refuse in a name: controls, separators of lines, overrides of direction. */
const refused = /[\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069]/gu;
/** Named are Braille without a dot, and controls of annotations and of hieroglyphs. */
const visible = /[^\p{Cc}\p{Z}\p{Default_Ignorable_Code_Point}\u2800\uFFF9-\uFFFB\u{13430}-\u{1343F}]/u;

const replacement = "\uFFFD";

/** The text with a picture of each character that would act, and of each that nobody would see. */
export function harmless(text: string): string {
  if (!visible.test(text)) return text.replace(/./gsu, picture);
  return text.replace(refused, picture);
}

/** Unicode has pictures of the controls of ASCII: ␛ for ESC. */
function picture(character: string): string {
  const code = character.charCodeAt(0);
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  return code === 0x7f ? "\u2421" : replacement;
}
