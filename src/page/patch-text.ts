import type { Remedy } from '../rules/types.ts';

type Patch = NonNullable<Remedy['patch']>;

const PLACES: Readonly<Record<Patch['kind'], string>> = {
  env: 'container environment',
  resources: 'container of the pod spec',
  'go.mod': 'go.mod, then build anew',
  kernel: 'boot arguments of the node',
  sysctl: 'sysctl of the node',
};

/** A change as text that can be put in place as it stands, and where it goes. YAML strings are in double quotes, as in JSON. */
export function patchText({ kind, set }: Patch): { readonly place: string; readonly text: string } {
  const entries = Object.entries(set);
  const place = PLACES[kind];
  switch (kind) {
    case 'env':
      return {
        place,
        text: [
          'env:',
          ...entries.map(([name, value]) => `  - name: ${name}\n    value: ${JSON.stringify(value)}`),
        ].join('\n'),
      };
    case 'resources':
      return { place, text: resourcesText(entries) };
    case 'go.mod':
      return { place, text: entries.map(([name, value]) => `${name} ${value}`).join('\n') };
    case 'kernel':
      return { place, text: entries.map(([name, value]) => `${name}=${value}`).join(' ') };
    case 'sysctl':
      return { place, text: entries.map(([name, value]) => `${name} = ${value}`).join('\n') };
  }
}

/** `limits.cpu` is a path below `resources`. */
function resourcesText(entries: readonly (readonly [string, string])[]): string {
  const groups = new Map<string, string[]>();
  for (const [path, value] of entries) {
    const dot = path.indexOf('.');
    const group = path.slice(0, Math.max(0, dot));
    groups.set(group, [...(groups.get(group) ?? []), `    ${path.slice(dot + 1)}: ${JSON.stringify(value)}`]);
  }
  return ['resources:', ...[...groups].flatMap(([group, lines]) => [`  ${group}:`, ...lines])].join('\n');
}
