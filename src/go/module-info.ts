import { readGoQuoted } from './go-quoted.ts';
import type { BuildInfo, GoModule } from './types.ts';

/** What the module text of an executable says. */
export type ModuleInfo = Pick<BuildInfo, 'path' | 'main' | 'deps' | 'settings'>;

interface Building {
  path: string;
  version: string;
  replacedBy: GoModule['replacedBy'];
}

/**
 * Reads the module text (without its frame): lines `path`, `mod`, `dep`, `=>` (replaces the module before it) and
 * `build KEY=VALUE`, columns apart by tabs, keys and values Go-quoted where need be. A line that is none of these is left out.
 * Checksums are not kept. Source: Go runtime/debug/mod.go ParseBuildInfo (1.18 and later).
 */
export function parseModuleInfo(text: string): ModuleInfo {
  let path: string | undefined;
  let main: Building | undefined;
  let last: Building | undefined;
  const deps: Building[] = [];
  const settings = new Map<string, string>();
  for (const line of text.split('\n')) {
    const tab = line.indexOf('\t');
    if (tab < 0) continue;
    const rest = line.slice(tab + 1);
    switch (line.slice(0, tab)) {
      case 'path':
        path = rest;
        break;
      case 'mod':
        main = moduleOf(rest);
        last = main;
        break;
      case 'dep':
        last = moduleOf(rest);
        if (last !== undefined) deps.push(last);
        break;
      case '=>':
        if (last !== undefined) last.replacedBy = replacementOf(rest);
        last = undefined;
        break;
      case 'build':
        addSetting(settings, rest);
        break;
    }
  }
  return { path, main, deps, settings };
}

function moduleOf(columns: string): Building | undefined {
  const replacement = replacementOf(columns);
  return replacement === undefined ? undefined : { ...replacement, replacedBy: undefined };
}

function replacementOf(columns: string): GoModule['replacedBy'] {
  const [path, version] = columns.split('\t', 3);
  return path ? { path, version: version ?? '' } : undefined;
}

function addSetting(settings: Map<string, string>, text: string): void {
  const quotedKey = readGoQuoted(text);
  const equals = quotedKey === undefined ? text.indexOf('=') : quotedKey.length;
  const key = quotedKey?.value ?? text.slice(0, Math.max(equals, 0));
  if (key === '' || text[equals] !== '=') return;
  const raw = text.slice(equals + 1);
  if (!raw.startsWith('"') && !raw.startsWith('`')) {
    settings.set(key, raw);
    return;
  }
  const quoted = readGoQuoted(raw);
  if (quoted?.length === raw.length) settings.set(key, quoted.value);
}
