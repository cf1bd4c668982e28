import type { Socket } from 'node:net';
import type { Logger } from '../base/logger.ts';
import { type HttpResponse, textResponse } from './http-respond.ts';
import type { TlsDoor } from './tls-door.ts';
import type { WebConfigFile } from './web-config-file.ts';
import type { WebSettings } from './web-settings.ts';
import type { WebUsers } from './web-users.ts';

const UNUSABLE = 'the web configuration cannot be used; the log of the agent says more';

/** What a web configuration file makes of connections and requests, by what it says at that moment. */
export class WebGuard {
  /** Fixed at start: TLS is neither switched on nor off while running. */
  readonly tls: boolean;
  /** Once there were users, passwords are asked for until a restart: a file being rewritten is empty for a moment. */
  #asksForUsers: boolean;
  readonly #file: WebConfigFile;
  readonly #users: WebUsers;
  readonly #logger: Logger;
  #told: string | undefined;

  constructor(file: WebConfigFile, users: WebUsers, logger: Logger) {
    this.#file = file;
    this.#users = users;
    this.#logger = logger;
    const settings = file.settings();
    this.tls = settings.ok && settings.value.tls !== undefined;
    this.#asksForUsers = settings.ok && settings.value.users.size > 0;
  }

  /** What is wrong with the file, or the files it names, as lines; undefined when all can be used. */
  problem(door: TlsDoor): string | undefined {
    const settings = this.#file.settings();
    if (!settings.ok) return settings.miss.detail;
    const { tls } = settings.value;
    const problem = tls === undefined ? undefined : door.problem(tls);
    return problem === undefined ? undefined : `${this.#file.path}: ${problem.detail}`;
  }

  /** Lets a connection in through `door`, or ends it: a server that cannot prove who it is says nothing. */
  connect(socket: Socket, door: TlsDoor): void {
    const tls = this.#inForce()?.tls;
    if (tls === undefined) {
      socket.destroy();
      return;
    }
    const problem = door.open(socket, tls);
    if (problem === undefined) {
      this.#told = undefined;
      return;
    }
    this.#tell(`${this.#file.path}: ${problem.detail}`);
    socket.destroy();
  }

  /** The answer in place of a handler's, if there is one, and headers for whatever is answered. */
  async admit(
    authorization: string | undefined,
  ): Promise<{ readonly refusal: HttpResponse | undefined; readonly headers: Readonly<Record<string, string>> }> {
    const settings = this.#inForce();
    if (settings === undefined) return { refusal: textResponse(500, UNUSABLE), headers: {} };
    const { users, headers, tls } = settings;
    if (!this.tls && tls !== undefined)
      this.#tell(`${this.#file.path}: tls_server_config is new; TLS is not switched on without a restart`);
    else if (!this.tls) this.#told = undefined;
    if (!this.#asksForUsers) return { refusal: undefined, headers };
    switch (await this.#users.check(users, authorization)) {
      case 'admitted':
        return { refusal: undefined, headers };
      case 'busy':
        return {
          refusal: textResponse(
            503,
            'no password is checked now: too many wait, or too many were wrong; try again later',
          ),
          headers,
        };
      case 'refused':
        return {
          refusal: textResponse(401, 'a user and a password are needed', {
            'www-authenticate': 'Basic realm="cgopher", charset="UTF-8"',
          }),
          headers,
        };
    }
  }

  /** What the file says now; undefined, and told, when that cannot be used or would let in who was kept out. */
  #inForce(): WebSettings | undefined {
    const settings = this.#file.settings();
    if (!settings.ok) {
      this.#tell(settings.miss.detail);
      return undefined;
    }
    const { tls, users } = settings.value;
    this.#asksForUsers ||= users.size > 0;
    const gone =
      this.tls && tls === undefined
        ? 'tls_server_config is gone; TLS is'
        : this.#asksForUsers && users.size === 0
          ? 'basic_auth_users is gone; passwords are'
          : undefined;
    if (gone === undefined) return settings.value;
    this.#tell(`${this.#file.path}: ${gone} not switched off without a restart`);
    return undefined;
  }

  /** Once for each state: clients decide how often it is met. */
  #tell(problem: string): void {
    if (problem === this.#told) return;
    this.#told = problem;
    this.#logger.error({ problems: problem }, 'the web configuration is not in force');
  }
}
