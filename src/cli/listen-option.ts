import { Option } from 'commander';

const collect = (value: string, earlier: string[] | undefined): string[] => [...(earlier ?? []), value];

/** `--web.listen-address`, repeatable. `usual` is only told: whoever listens falls back to it. */
export function listenAddress(usual: string): Option {
  return new Option('--web.listen-address <address>', `where to listen, repeatable (default: "${usual}")`).argParser(
    collect,
  );
}
