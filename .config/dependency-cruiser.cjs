// Who may import whom. Data flows one way: base <- io <- {kernel, go, kube} <- sample <- model <- rules <- export.
const rooms = ['base', 'io', 'kernel', 'go', 'kube', 'sample', 'model', 'rules', 'actions', 'record', 'export', 'page', 'config', 'agent', 'demo', 'cli'];
const may = {
  base: [],
  io: ['base'],
  kernel: ['base', 'io'],
  go: ['base', 'io'],
  kube: ['base', 'io'],
  sample: ['base', 'io', 'kernel', 'go', 'kube'],
  // Raw types flow up through the sample; the model imports no reader.
  model: ['base', 'kernel', 'go', 'kube', 'sample'],
  rules: ['base', 'model'],
  // Whether anything is to be done to a workload. Doing it is the agent's.
  actions: ['base', 'model', 'rules'],
  // Samples to files and back, and what model and rules make of them again.
  record: ['base', 'io', 'sample', 'model', 'rules'],
  // Raw types of what only a person asks for, which no model is made of.
  export: ['base', 'go', 'model', 'rules'],
  // Documents for a browser: from data to text.
  page: ['base', 'model', 'rules', 'export'],
  config: ['base', 'io'],
  agent: ['base', 'io', 'kernel', 'go', 'kube', 'sample', 'model', 'rules', 'actions', 'record', 'export', 'page', 'config'],
  demo: ['base', 'io'],
  cli: ['base', 'io', 'go', 'sample', 'model', 'rules', 'record', 'export', 'config', 'agent', 'demo'],
};
// What the Go runtime does with its inputs is a pure function too, and the model may ask it.
const pureGo = '^src/go/(gomaxprocs-rule|runtime-settings|version|gc-window|histogram)[.]ts$';
const pure = '^src/(base|model|rules|actions|page)/';
const nodeBuiltins = '^(node:)?(fs|http|https|net|child_process|os|timers|dns|tls|worker_threads)(/|$)';

module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    ...rooms.map((room) => ({
      name: `room-${room}`,
      severity: 'error',
      from: { path: `^src/${room}/` },
      to: { path: '^src/', pathNot: `^src/(${[room, ...may[room]].join('|')})/` },
    })),
    { name: 'pure-rooms-touch-nothing', severity: 'error', from: { path: pure }, to: { dependencyTypes: ['core', 'npm'] } },
    {
      name: 'io-only-in-io',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(io/|config/load|demo/|cli/|(main|resolver)\\.ts$)' },
      to: { path: nodeBuiltins },
    },
    {
      name: 'model-takes-types-only-from-readers',
      severity: 'error',
      from: { path: '^src/(model|export)/' },
      to: { path: '^src/(kernel|go|kube|sample)/', pathNot: pureGo, dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'no-child-process-in-src',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/io/namespace-connect\\.ts$' },
      to: { path: '^(node:)?child_process$' },
    },
    { name: 'no-dumping-ground', severity: 'error', from: { path: '(^|/)(utils?|helpers?|common|misc)(/|\\.ts$)' }, to: {} },
    { name: 'no-orphans', severity: 'error', from: { orphan: true, path: '^src/', pathNot: '\\.d\\.ts$' }, to: {} },
    { name: 'src-never-imports-deploy', severity: 'error', from: { path: '^src/' }, to: { path: '^deploy/' } },
    {
      // What is generated for a cluster is made of tables: rules, metrics, limits. Not of the agent that runs there.
      name: 'deploy-imports-tables-only',
      severity: 'error',
      from: { path: '^deploy/' },
      to: { path: '^(src|test)/', pathNot: '^src/(base|model|rules|export)/' },
    },
    { name: 'src-never-imports-tests', severity: 'error', from: { path: '^src/' }, to: { path: '^test/' } },
    { name: 'prom-client-in-one-file', severity: 'error', from: { path: '^src/', pathNot: '^src/export/registry\\.ts$' }, to: { path: 'prom-client' } },
    { name: 'pino-in-one-file', severity: 'error', from: { path: '^src/', pathNot: '^src/agent/log\\.ts$' }, to: { path: '^node_modules/pino' } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'require', 'node', 'default'] },
  },
};
