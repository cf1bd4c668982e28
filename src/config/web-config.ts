import * as z from 'zod';
import type { WebConfigParser } from '../io/web-settings.ts';
import { type ConfigProblem, formatProblem } from './problems.ts';
import { keysOf } from './schema-keys.ts';
import { problemsOf } from './validate.ts';
import { tlsSchema, tlsSettings } from './web-config-tls.ts';
import { readYaml } from './yaml-source.ts';

/** A comparison at 10 takes a tenth of a second of this agent's CPU, and each step more doubles it. */
const MAX_COST = 14;
const HASH = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/;

const headerValue = z
  .string()
  .max(4096)
  .regex(/^[ -~]*$/, 'expected printable ASCII')
  .optional();
/** Empty is as good as left out. */
const oneOf = (...values: readonly string[]) =>
  z
    .string()
    .regex(new RegExp(`^(${values.join('|')})?$`), `expected ${values.join(' or ')}`)
    .optional();

/** No message shows what was written: it may be the password itself. */
const usersSchema = z.unknown().transform((users, context) => {
  const hashes = new Map<string, string>();
  // Not a record of the schema library: that passes over a user of the name __proto__.
  if (typeof users !== 'object' || users === null || Array.isArray(users)) {
    context.addIssue('expected a map of settings');
    return hashes;
  }
  for (const [user, value] of Object.entries<unknown>(users as Record<string, unknown>)) {
    const refuse = (message: string): void => {
      context.addIssue({ code: 'custom', path: [user], message });
    };
    const hash = typeof value === 'string' ? HASH.exec(value) : null;
    const cost = Number(hash?.[1] ?? 0);
    if (user === '' || user.includes(':')) refuse('a user has a name, and no colon in it');
    else if (hash === null || cost < 4) refuse('expected a bcrypt hash, such as htpasswd -nB prints');
    else if (cost > MAX_COST) refuse(`the cost of the hash is ${cost}, at most ${MAX_COST} is taken`);
    else hashes.set(user, hash[0]);
  }
  return hashes;
});

/** A setting of the toolkit that is left out or has one value here. */
const only = (usual: unknown, message: string) =>
  z
    .unknown()
    .superRefine((value, context) => {
      if (value !== undefined && value !== null && value !== usual) context.addIssue(message);
    })
    .optional();

const webConfigSchema = z.strictObject({
  tls_server_config: tlsSchema.nullish(),
  http_server_config: z
    .strictObject({
      http2: only(false, 'HTTP/2 is not spoken: write false, or leave it out'),
      headers: z
        .strictObject({
          'Content-Security-Policy': headerValue,
          'X-Frame-Options': oneOf('deny', 'sameorigin'),
          'X-Content-Type-Options': oneOf('nosniff'),
          'X-XSS-Protection': headerValue,
          'Strict-Transport-Security': headerValue,
        })
        .nullish(),
    })
    .nullish(),
  basic_auth_users: usersSchema.nullish(),
  rate_limit: only(undefined, 'is not supported: --web.max-requests bounds what is answered at once'),
});

/** Reads and checks a file in the exporter toolkit's format. All problems at once, each as `file:line:column path: what was expected`. */
export const parseWebConfig: WebConfigParser = (text, path) => {
  const source = readYaml(text, path);
  if (source.problems.length > 0) return { ok: false, problems: source.problems.map(withoutQuote).map(formatProblem) };
  const parsed = webConfigSchema.safeParse(source.data);
  if (!parsed.success) {
    const problems = parsed.error.issues.flatMap((issue) =>
      problemsOf(issue, source, { keysKnownAt: (at) => keysOf(webConfigSchema, at), secret: true }),
    );
    problems.sort((a, b) => (a.line ?? 0) - (b.line ?? 0));
    return { ok: false, problems: problems.map(formatProblem) };
  }
  const { tls_server_config: tls, http_server_config: http, basic_auth_users: users } = parsed.data;
  const headers = Object.entries<string | undefined>(http?.headers ?? {});
  return {
    ok: true,
    settings: {
      tls: tlsSettings(tls ?? undefined, path),
      headers: Object.fromEntries(
        headers.flatMap(([name, value]) => (value === undefined || value === '' ? [] : [[name.toLowerCase(), value]])),
      ),
      users: users ?? new Map<string, string>(),
    },
  };
};

/** A message about the form of YAML quotes the text after a colon, and that may be a piece of a key. */
function withoutQuote(problem: ConfigProblem): ConfigProblem {
  return { ...problem, message: problem.message.replace(/: .*$/, '') };
}
