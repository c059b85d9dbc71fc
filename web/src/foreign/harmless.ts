// What others have typed in or published is shown, never obeyed. The command line has
// the same rule for terminals, in internal/client/harmless.go.

/** Characters that act instead of showing: controls, line separators, marks of direction. */
const obeyed = /[\p{Cc}\u2028\u2029\p{Bidi_Control}]/gu;
const visible = /[^\p{Cc}\p{Cf}\p{Z}\p{Default_Ignorable_Code_Point}]/u;

const replacement = "\uFFFD";

/** The text with a picture of each character that would act, and of each that nobody would see. */
export function harmless(text: string): string {
  if (!visible.test(text)) return text.replace(/./gsu, picture);
  return text.replace(obeyed, picture);
}

/** Unicode has pictures of the controls of ASCII: ␛ for ESC. */
function picture(character: string): string {
  const code = character.charCodeAt(0);
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  return code === 0x7f ? "\u2421" : replacement;
}
