import { expect, test } from 'vitest';
import { nodeName } from '../../src/cli/node-name.ts';

test.each([
  [{ NODE_NAME: 'node-7', KUBERNETES_SERVICE_HOST: '10.0.0.1' }, 'cgopher-x2k', 'node-7'],
  [{ NODE_NAME: ' node-7\n' }, 'host', 'node-7'],
  [{}, 'host', 'host'],
  [{ NODE_NAME: '' }, 'host', 'host'],
  // The host name of a pod is not that of its node.
  [{ KUBERNETES_SERVICE_HOST: '10.0.0.1' }, 'cgopher-x2k', undefined],
  [{}, '', undefined],
])('%j on %j is %j', (environment, hostname, name) => {
  expect(nodeName(environment, hostname)).toBe(name);
});
