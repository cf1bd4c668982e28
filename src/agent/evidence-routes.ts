import { textResponse } from '../io/http-respond.ts';
import type { PrefixRoute } from '../io/http-routes.ts';
import type { EvidenceStore } from './evidence-store.ts';

const LIST = '/evidence/';

/** `/evidence/` lists what is kept; `/evidence/ID` gives one item as a gzip file. */
export function evidenceRoute(store: EvidenceStore): PrefixRoute {
  const handler: PrefixRoute['handler'] = ({ url }) => {
    const id = url.pathname.slice(LIST.length);
    if (id === '') {
      const list = store.list().map((entry) => ({ ...entry, href: `${LIST}${entry.id}` }));
      const body = `${JSON.stringify({ evidence: list }, undefined, 2)}\n`;
      return { status: 200, contentType: 'application/json; charset=utf-8', body };
    }
    const gzip = store.get(id);
    if (gzip === undefined) return textResponse(404, 'no such evidence, or no longer');
    // A file and no Content-Encoding: what is saved is what is kept, and the server may still encode the answer.
    return {
      status: 200,
      contentType: 'application/gzip',
      headers: { 'content-disposition': `attachment; filename="${id}.json.gz"` },
      body: gzip,
    };
  };
  return { prefix: LIST, rest: /^[A-Za-z0-9-]{0,128}$/, handler };
}
