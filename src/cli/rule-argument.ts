import { suggestionFor } from '../config/suggest.ts';
import { catalogue } from '../rules/catalogue.ts';
import type { Rule } from '../rules/types.ts';

/** The rule of this id; letter case and `-` or `_` between words count for nothing. Throws with the nearest id when there is none. */
export function ruleNamed(text: string): Rule {
  const plain = (id: string): string => id.toLowerCase().replace(/[_-]/g, '');
  const found = catalogue.find(({ id }) => plain(id) === plain(text));
  if (found !== undefined) return found;
  const meant = suggestionFor(
    text,
    catalogue.map(({ id }) => id),
  );
  const hint = meant === undefined ? 'cgopher explain lists all' : `did you mean ${meant}?`;
  throw new Error(`there is no rule ${JSON.stringify(text.slice(0, 64))}; ${hint}`);
}
