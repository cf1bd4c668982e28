import { createHash } from 'node:crypto';
import { workloadRows } from '../export/workload-rows.ts';
import type { HttpResponse } from '../io/http-respond.ts';
import type { PrefixRoute } from '../io/http-routes.ts';
import type { HttpHandler } from '../io/http-server.ts';
import { agentPage } from '../page/agent-page.ts';
import type { CardContext } from '../page/finding-card.ts';
import { type Frame, ICON, messagePage, securityPolicy } from '../page/frame.ts';
import { overviewLink, type Root } from '../page/links.ts';
import { nodePage } from '../page/node-page.ts';
import { overviewPage } from '../page/overview.ts';
import { overviewQuery, refreshSeconds } from '../page/overview-query.ts';
import { rulePage } from '../page/rule-page.ts';
import { STYLE } from '../page/style.ts';
import { workloadPage } from '../page/workload-page.ts';
import { aboutSelection, processOfEach, selectionOf } from '../page/workload-selection.ts';
import { catalogue } from '../rules/catalogue.ts';
import type { Agent, Cycle } from './agent.ts';

/** How often a live page loads itself anew: as often as the agent looks by default. */
const LIVE_SECONDS = 15;
const POLICY = securityPolicy(`sha256-${createHash('sha256').update(STYLE).digest('base64')}`);

export interface PageOptions {
  readonly telemetryPath: string;
  readonly version: string;
}

interface Pages {
  readonly exact: readonly (readonly [string, HttpHandler])[];
  readonly prefixes: readonly PrefixRoute[];
}

/** The pages for people. None has a script, and none takes anything from elsewhere. */
export function pageRoutes(agent: Agent, options: PageOptions): Pages {
  const frame = (root: Root, title: string, current: Frame['current'], live: Frame['live']): Frame => {
    const model = agent.last?.snapshot.model;
    return { root, title, current, live, ...options, hostname: model?.node.hostname, atUnixMs: model?.at.wallMs };
  };
  const liveOf = (words: URLSearchParams): Frame['live'] => ({
    everySeconds: refreshSeconds(words),
    on: `?refresh=${LIVE_SECONDS}`,
    off: '?',
  });
  const tooEarly = (root: Root): HttpResponse => {
    // Nobody should have to ask again by hand.
    const early = frame(root, 'Starting', undefined, { everySeconds: 5, on: '?', off: '?' });
    return respond(200, messagePage(early, 'Starting', 'The first look at the node is under way.'));
  };
  const cards = (root: Root, { snapshot }: Cycle): CardContext => ({
    root,
    nowUnixMs: snapshot.model.at.wallMs,
    processOf: processOfEach(snapshot.model),
    // Oldest first, so that the newest of a finding stays.
    evidenceOf: new Map(
      agent.evidence
        .list()
        .toReversed()
        .map(({ id, rule, subject }) => [`${rule}|${subject.key}`, id]),
    ),
  });

  const overview: HttpHandler = ({ url }) => {
    const { last } = agent;
    if (last === undefined) return tooEarly('./');
    const query = overviewQuery(url.searchParams);
    const live = {
      everySeconds: query.refreshSeconds,
      on: overviewLink('./', { ...query, refreshSeconds: LIVE_SECONDS }),
      off: overviewLink('./', { ...query, refreshSeconds: undefined }),
    };
    const { model, findings } = last.snapshot;
    return respond(
      200,
      overviewPage({
        frame: frame('./', model.node.hostname ?? 'Overview', 'overview', live),
        query,
        model,
        findings,
        cards: cards('./', last),
        historyOf: (key) => agent.history.workload(key),
      }),
    );
  };

  const node: HttpHandler = ({ url }) => {
    const { last } = agent;
    if (last === undefined) return tooEarly('./');
    const { model, findings } = last.snapshot;
    return respond(
      200,
      nodePage({
        frame: frame('./', 'Node', 'node', liveOf(url.searchParams)),
        model,
        history: agent.history.node(),
        findings: findings.filter(({ subject }) => subject.kind === 'node'),
        judged: agent.judged(({ kind }) => kind === 'node'),
        cards: cards('./', last),
      }),
    );
  };

  const health: HttpHandler = ({ url }) => {
    const { last } = agent;
    return respond(
      200,
      agentPage({
        frame: frame('./', 'Agent', 'agent', liveOf(url.searchParams)),
        status: agent.status,
        last: last === undefined ? undefined : { model: last.snapshot.model, unjudged: last.evaluation.unjudged },
      }),
    );
  };

  const workload: HttpHandler = ({ url }) => {
    const { last } = agent;
    if (last === undefined) return tooEarly('../');
    const { model, findings } = last.snapshot;
    const selection = selectionOf(model, decoded(url.pathname.slice('/workload/'.length)));
    if (selection === undefined) {
      const text = 'It has ended or was started anew: a process has another address after a restart.';
      return respond(
        404,
        messagePage(frame('../', 'Gone', undefined, undefined), 'No such workload, or no longer', text),
      );
    }
    const { process, container, pod } = selection;
    const isAbout = aboutSelection(selection);
    const row = process === undefined ? undefined : workloadRows({ ...model, goProcesses: [process] }, findings)[0];
    return respond(
      200,
      workloadPage({
        frame: frame(
          '../',
          process?.name ?? container?.identity.container ?? 'Workload',
          undefined,
          liveOf(url.searchParams),
        ),
        program:
          process === undefined || row === undefined
            ? undefined
            : { process, row, history: agent.history.workload(process.key) },
        container,
        pod,
        findings: findings.filter(({ subject }) => isAbout(subject)),
        judged: agent.judged(isAbout),
        evidence: agent.evidence.list().filter(({ subject }) => isAbout(subject)),
        cards: cards('../', last),
      }),
    );
  };

  const rule: HttpHandler = ({ url }) => {
    const id = url.pathname.slice('/rule/'.length);
    const known = catalogue.find((one) => one.id === id);
    const page = frame('../', known?.id ?? 'No such rule', undefined, undefined);
    return known === undefined
      ? respond(404, messagePage(page, 'No such rule', 'There is no rule of this name.'))
      : respond(200, rulePage(page, known));
  };

  return {
    exact: [
      ['/', overview],
      ['/node', node],
      ['/agent', health],
      ['/icon.svg', () => ({ ...respond(200, ICON), contentType: 'image/svg+xml' })],
    ],
    prefixes: [
      { prefix: '/workload/', rest: /^[A-Za-z0-9%@-]{1,64}$/, handler: workload },
      { prefix: '/rule/', rest: /^[A-Za-z0-9]{1,64}$/, handler: rule },
    ],
  };
}

function respond(status: number, body: string): HttpResponse {
  return {
    status,
    contentType: 'text/html; charset=utf-8',
    headers: {
      'content-security-policy': POLICY,
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
    },
    body,
  };
}

/** `%40` is `@`. What is no such text fits no workload. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}
