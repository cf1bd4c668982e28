import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { createServer as createTcpServer } from 'node:net';

/** A server on 127.0.0.1 that remembers what it was asked. */
export interface RecordingServer {
  readonly port: number;
  readonly paths: string[];
  /** Connections, requests or not. */
  connections: number;
  close(): Promise<void>;
}

export async function recordingServer(listener: RequestListener): Promise<RecordingServer> {
  const paths: string[] = [];
  const server = createServer((request, response) => {
    paths.push(request.url ?? '');
    listener(request, response);
  });
  const recording = { port: 0, paths, connections: 0, close: () => closed(server, new Set()) };
  server.on('connection', () => {
    recording.connections += 1;
  });
  await listen(server);
  return Object.assign(recording, { port: (server.address() as AddressInfo).port });
}

/** A server that is handed each connection with the first bytes it got. */
export async function rawServer(serve: (socket: Socket, request: string) => void): Promise<RecordingServer> {
  const paths: string[] = [];
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    recording.connections += 1;
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    socket.on('data', (chunk) => {
      const request = chunk.toString('latin1');
      paths.push(request.split(' ')[1] ?? '');
      serve(socket, request);
    });
  });
  const recording = { port: 0, paths, connections: 0, close: () => closed(server, sockets) };
  await listen(server);
  return Object.assign(recording, { port: (server.address() as AddressInfo).port });
}

function listen(server: { listen(port: number, host: string, done: () => void): unknown }): Promise<void> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
}

function closed(
  server: { close(done: () => void): unknown; closeAllConnections?: () => void },
  sockets: Set<Socket>,
): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
    server.closeAllConnections?.();
    for (const socket of sockets) socket.destroy();
  });
}

/** A pprof index page of so many goroutines, in the form of Go 1.25. */
export const indexPage = (goroutines: number): string =>
  `<html>\n<head>\n<title>/debug/pprof/</title>\n</head>\n<body>\n/debug/pprof/\n<br>\nTypes of profiles available:\n<table>\n<thead><td>Count</td><td>Profile</td></thead>\n<tr><td>${goroutines}</td><td><a href='goroutine?debug=1'>goroutine</a></td></tr>\n<tr><td>9</td><td><a href='threadcreate?debug=1'>threadcreate</a></td></tr>\n</table>\n</body>\n</html>\n`;

/** Exposition text as client_golang writes it. */
export const metricsPage = (goroutines: number): string =>
  `# HELP go_goroutines Number of goroutines that currently exist.\n# TYPE go_goroutines gauge\ngo_goroutines ${goroutines}\n# TYPE go_info gauge\ngo_info{version="go1.25.1"} 1\n`;
