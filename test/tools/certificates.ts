import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Paths of a certificate and its key. */
export interface IssuedCertificate {
  readonly cert: string;
  readonly key: string;
}

/** Whether there is an openssl to make certificates with, so that a test can be skipped in plain sight; with CI=true that is an error. */
export function hasOpenssl(): boolean {
  try {
    execFileSync('openssl', ['version'], { stdio: 'pipe' });
    return true;
  } catch (error) {
    const message = `openssl cannot be run: ${error instanceof Error ? error.message : String(error)}`;
    if (process.env['CI'] === 'true') throw new Error(message, { cause: error });
    console.warn(`skipped: ${message}`);
    return false;
  }
}

/** Certificates made with openssl, in a directory of the caller's. */
export class TestAuthority {
  readonly cert: string;
  readonly #directory: string;
  readonly #key: string;

  constructor(directory: string, name = 'ca') {
    mkdirSync(directory, { recursive: true });
    this.#directory = directory;
    this.cert = join(directory, `${name}.pem`);
    this.#key = join(directory, `${name}.key`);
    openssl(
      'req',
      '-x509',
      ...NEW_KEY,
      '-nodes',
      '-days',
      '2',
      '-subj',
      `/CN=${name}`,
      '-keyout',
      this.#key,
      '-out',
      this.cert,
    );
  }

  /** `names` as openssl writes them: `DNS:localhost,IP:127.0.0.1`. `usage` is serverAuth or clientAuth. */
  issue(name: string, names: string, usage: 'serverAuth' | 'clientAuth'): IssuedCertificate {
    const at = (ending: string): string => join(this.#directory, `${name}.${ending}`);
    writeFileSync(at('ext'), `subjectAltName=${names}\nextendedKeyUsage=${usage}\n`);
    openssl('req', '-new', ...NEW_KEY, '-nodes', '-subj', `/CN=${name}`, '-keyout', at('key'), '-out', at('csr'));
    const by = ['-CA', this.cert, '-CAkey', this.#key, '-CAcreateserial'];
    openssl('x509', '-req', '-in', at('csr'), ...by, '-days', '2', '-extfile', at('ext'), '-out', at('pem'));
    return { cert: at('pem'), key: at('key') };
  }
}

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];

function openssl(...words: readonly string[]): void {
  execFileSync('openssl', words, { stdio: 'pipe', timeout: 30_000 });
}
