const MAX_TEXT = 2048;
const MAX_NAMES = 64;
const RULE_NAME = /^[A-Z][A-Za-z0-9]{0,63}$/;

/**
 * Rule names in the annotation `cgopher.dev/ignore`: separated by commas or blanks, at most 64, each once. What cannot be a rule's name,
 * and all of a text over 2048 characters, is left out.
 */
export function ignoredRuleNames(text: string | undefined): readonly string[] {
  if (text === undefined || text.length > MAX_TEXT) return [];
  const names = text.split(/[\s,]+/).filter((name) => RULE_NAME.test(name));
  return [...new Set(names)].slice(0, MAX_NAMES);
}
