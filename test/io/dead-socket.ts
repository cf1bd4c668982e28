import { link, rm } from 'node:fs/promises';
import { createServer } from 'node:net';

/** Leaves the file of a unix socket that nobody listens on: a server takes its own name away when it ends, so the file has a second. */
export async function deadSocket(path: string): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(`${path}.own`, resolve));
  await link(`${path}.own`, path);
  await new Promise((resolve) => server.close(resolve));
  await rm(`${path}.own`, { force: true });
}
