import { HistoryBook } from '../../src/agent/history/history-book.ts';
import { workloadRows } from '../../src/export/workload-rows.ts';
import type { NodeModel } from '../../src/model/node-types.ts';
import { agentPage } from '../../src/page/agent-page.ts';
import type { CardContext } from '../../src/page/finding-card.ts';
import { type Frame, messagePage } from '../../src/page/frame.ts';
import type { Root } from '../../src/page/links.ts';
import { nodePage } from '../../src/page/node-page.ts';
import { overviewPage } from '../../src/page/overview.ts';
import { type OverviewQuery, overviewQuery } from '../../src/page/overview-query.ts';
import { rulePage } from '../../src/page/rule-page.ts';
import { workloadPage } from '../../src/page/workload-page.ts';
import { processOfEach } from '../../src/page/workload-selection.ts';
import { catalogue } from '../../src/rules/catalogue.ts';
import { RuleEngine } from '../../src/rules/engine.ts';
import { type Judged, judgeAgain } from '../../src/rules/judged.ts';
import type { Finding, Unjudged } from '../../src/rules/types.ts';
import { container, goProcess, MIB, nodeModel, pod, THRESHOLDS, throttled, told } from '../rules/models.ts';

export const USUAL = overviewQuery(new URLSearchParams());

/** What pages are made of, as an agent has it after a cycle. */
export interface PageInputs {
  readonly model: NodeModel;
  readonly findings: readonly Finding[];
  readonly judged: readonly Judged[];
  readonly unjudged: readonly Unjudged[];
}

const site = {
  count: 40,
  site: 'main.handle (example.com/app/main.go:31)',
  createdBy: 'main.main (example.com/app/main.go:12)',
  cause: 'chan send',
  waitSeconds: 45,
  growth: 12,
  growthSeconds: 600,
  from: 'endpoint',
  ageSeconds: 3,
} as const;

/** A throttled program with 16 Ps on 2 cores, one that tells nothing, and a node that lacks something. */
export function pageInputs(): PageInputs {
  const loud = goProcess({
    settings: {
      gomaxprocs: told(16),
      gomemlimit: told(900 * MIB),
      contradictions: [{ setting: 'gogc', values: [told(60), { value: 100, from: 'environment', detail: 'GOGC' }] }],
    },
    runtime: {
      goroutineSites: [site],
      leakedGoroutines: told(3),
      leakedSites: [{ site: 'main.leak (main.go:9)', count: 3, cause: 'chan receive' }],
      blocking: {
        windowSeconds: 60,
        events: 9,
        delaySeconds: 4,
        delayWeightedP99OfMeansSeconds: 1,
        sites: [{ site: 'main.lock (main.go:3)', events: 9, delaySeconds: 4, meanDelaySeconds: 0.4 }],
        ageSeconds: 2,
      },
    },
  });
  const silent = goProcess({
    key: '8@6000',
    pid: 8,
    containerKey: undefined,
    cgroupPath: '/system.slice/tool.service',
    name: 'tool',
    endpoint: undefined,
    endpointDetail: 'links no handler',
    memorySource: { state: 'denied', detail: 'SYS_PTRACE is missing' },
  });
  const model = nodeModel({
    node: {
      privileges: { ptrace: false, dacReadSearch: false },
      sysctls: { 'vm.overcommit_memory': 1, 'kernel.pid_max': '4194304' },
      blockDevices: [{ device: '8:0', name: 'sda', scheduler: 'mq-deadline' }],
      controllers: ['cpu'],
    },
    containers: [container({ throttling: throttled(0.4), unseenProcesses: 2 })],
    pods: [pod()],
    goProcesses: [loud, silent],
    misses: [{ kind: 'denied', reader: 'environ', source: '/proc/8/environ', detail: 'EACCES' }],
  });
  const engine = new RuleEngine({ rules: catalogue, thresholds: THRESHOLDS, forCycles: 1, clearCycles: 1 });
  const { findings, unjudged } = engine.evaluate(model);
  return { model, findings, unjudged, judged: judgeAgain(model, catalogue, engine, () => true) };
}

export const frameOf = (root: Root, model: NodeModel): Frame => ({
  root,
  title: model.node.hostname ?? 'node',
  current: undefined,
  hostname: model.node.hostname,
  version: '1.2.3',
  telemetryPath: '/metrics',
  atUnixMs: model.at.wallMs,
  live: { everySeconds: 15, on: '?refresh=15', off: '?' },
});

export const cardsOf = (root: Root, { model, findings }: PageInputs): CardContext => ({
  root,
  nowUnixMs: model.at.wallMs,
  processOf: processOfEach(model),
  evidenceOf: new Map(findings.map(({ rule, subject }) => [`${rule}|${subject.key}`, `${rule}-1-1`])),
});

export function overviewOf(inputs: PageInputs, query: OverviewQuery = USUAL): string {
  const history = new HistoryBook();
  history.note(inputs.model);
  return overviewPage({
    frame: frameOf('./', inputs.model),
    query,
    model: inputs.model,
    findings: inputs.findings,
    cards: cardsOf('./', inputs),
    historyOf: (key) => history.workload(key),
  });
}

/** Every kind of page, by name. */
export function allPages(inputs: PageInputs): ReadonlyMap<string, string> {
  const { model, findings, judged, unjudged } = inputs;
  const history = new HistoryBook();
  history.note(model);
  const rows = workloadRows(model, findings);
  const workload = (index: number): string => {
    const process = model.goProcesses[index]!;
    return workloadPage({
      frame: frameOf('../', model),
      program: { process, row: rows[index]!, history: index === 0 ? history.workload(process.key) : undefined },
      container: index === 0 ? model.containers[0] : undefined,
      pod: index === 0 ? model.pods[0] : undefined,
      findings,
      judged,
      evidence: findings.map(({ rule, summary }) => ({
        id: `${rule}-1-1`,
        rule,
        summary,
        firedAtUnixMs: 1,
        bytes: 2048,
      })),
      cards: cardsOf('../', inputs),
    });
  };
  const status = {
    startedUnixMs: 1,
    intervalSeconds: 15,
    cycle: undefined,
    residentBytes: MIB,
    config: { successful: false, atUnixMs: 1 },
    history: { workloads: 1, leftOut: 2, bytes: 7680 },
  };
  const frame = frameOf('./', model);
  return new Map([
    ['overview', overviewOf(inputs, { ...USUAL, namespace: model.containers[0]?.identity.namespace })],
    ['program', workload(0)],
    ['silent program', workload(1)],
    [
      'container',
      workloadPage({
        frame: frameOf('../', model),
        program: undefined,
        container: model.containers[0],
        pod: undefined,
        findings: [],
        judged: [],
        evidence: [],
        cards: cardsOf('../', inputs),
      }),
    ],
    ['node', nodePage({ frame, model, history: history.node(), findings, judged, cards: cardsOf('./', inputs) })],
    ['agent', agentPage({ frame, status, last: { model, unjudged } })],
    ['agent at start', agentPage({ frame, status, last: undefined })],
    ['rule', rulePage(frameOf('../', model), catalogue[0]!)],
    ['message', messagePage(frameOf('../', model), 'Gone', 'It is gone.')],
  ]);
}
