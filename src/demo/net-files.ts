/** A socket a simulated process listens on, at 127.0.0.1. */
export interface Listener {
  readonly port: number;
  readonly inode: number;
}

/** Every simulated process shares this network namespace, as with hostNetwork: the agent can reach 127.0.0.1. */
export const NETWORK_NAMESPACE = 'net:[4026531840]';

const TCP_HEADER = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode';
const TCP6_HEADER =
  '  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n';
const TCP_WIDTH = 149;

/** /proc/PID/net of the namespace (net/ipv4/tcp_ipv4.c, fib_trie.c; net/ipv6/addrconf.c): name to content. */
export function netFiles(listeners: readonly Listener[]): Readonly<Record<string, string>> {
  return { fib_trie: FIB_TRIE, if_inet6: IF_INET6, tcp: tcp(listeners), tcp6: TCP6_HEADER };
}

function tcp(listeners: readonly Listener[]): string {
  const rows = listeners.map(({ port, inode }, index) => {
    const local = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`;
    return (
      `${String(index).padStart(4)}: ${local} 00000000:0000 0A 00000000:00000000 00:00000000 00000000 ` +
      `${'65532'.padStart(5)}        0 ${inode} 1 0000000000000000 100 0 0 10 0`
    );
  });
  return [TCP_HEADER, ...rows].map((row) => `${row.padEnd(TCP_WIDTH)}\n`).join('');
}

const LOOPBACK_TRIE = [
  '     +-- 127.0.0.0/8 2 0 2',
  '        +-- 127.0.0.0/31 1 0 0',
  '           |-- 127.0.0.0',
  '              /8 host LOCAL',
  '           |-- 127.0.0.1',
  '              /32 host LOCAL',
  '        |-- 127.255.255.255',
  '           /32 link BROADCAST',
];
const FIB_TRIE = ['Main', 'Local']
  .flatMap((table) => [
    `${table}:`,
    '  +-- 0.0.0.0/0 3 0 5',
    '     |-- 0.0.0.0',
    '        /0 universe UNICAST',
    '     |-- 192.0.2.10',
    '        /32 host LOCAL',
    ...LOOPBACK_TRIE,
  ])
  .map((line) => `${line}\n`)
  .join('');
const IF_INET6 = '00000000000000000000000000000001 01 80 10 80       lo\n';
