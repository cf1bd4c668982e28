/** A JSON schema of draft 7, as much of it as is used here. */
export type Schema = Readonly<Record<string, unknown>>;

const text: Schema = { type: 'string' };
const truth: Schema = { type: 'boolean' };
const count: Schema = { type: 'integer', minimum: 0 };
/** Passed on to Kubernetes as it is, which checks it. */
const asGiven: Schema = { type: 'object' };
const texts: Schema = { type: 'object', additionalProperties: text };
const listOf = (items: Schema): Schema => ({ type: 'array', items });
const oneOf = (...values: readonly (string | number)[]): Schema => ({ enum: values });
/** No other keys: a value with a typing error would do nothing and say nothing. */
const object = (properties: Readonly<Record<string, Schema>>, required: readonly string[] = []): Schema => ({
  type: 'object',
  properties,
  additionalProperties: false,
  ...(required.length > 0 ? { required } : {}),
});

const duration: Schema = { type: 'string', pattern: '^([0-9]+(ms|s|m|h))*$' };
const probe = { type: 'object', not: { anyOf: ['httpGet', 'tcpSocket', 'exec'].map((key) => ({ required: [key] })) } };

const monitor = object({
  enabled: truth,
  namespace: text,
  additionalLabels: texts,
  interval: duration,
  scrapeTimeout: duration,
  honorLabels: truth,
  scheme: oneOf('http', 'https'),
  tlsConfig: asGiven,
  basicAuth: asGiven,
  relabelings: listOf(asGiven),
  metricRelabelings: listOf(asGiven),
});

/** What values.yaml of the chart may hold. `config` is the schema of the agent's configuration file. */
export function valuesSchema(config: Schema): Schema {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Values of the cgopher chart. Generated from deploy/source/chart and the schema of the configuration',
    ...object({
      // Helm hands these to every chart that is part of another one.
      global: asGiven,
      nameOverride: text,
      fullnameOverride: text,
      commonLabels: texts,
      image: object({
        repository: { type: 'string', minLength: 1 },
        tag: text,
        digest: { type: 'string', pattern: '^(sha256:[0-9a-f]{64})?$' },
        pullPolicy: oneOf('Always', 'IfNotPresent', 'Never'),
        pullSecrets: listOf(object({ name: text }, ['name'])),
      }),
      privilege: object({
        tier: oneOf(0, 1, 2),
        appArmorProfile: object({ type: oneOf('Unconfined', 'RuntimeDefault', 'Localhost'), localhostProfile: text }),
        seLinuxOptions: object({ type: text, level: text, role: text, user: text }),
      }),
      config,
      rbac: object({ create: truth }),
      serviceAccount: object({ create: truth, name: text, annotations: texts }),
      resources: object({ requests: asGiven, limits: asGiven, claims: listOf(asGiven) }),
      node: object({ maxOldSpaceSizeMiB: { anyOf: [{ type: 'integer', minimum: 32 }, oneOf('')] } }),
      extraArgs: listOf({ type: 'string', pattern: '^--' }),
      env: listOf(asGiven),
      secretMounts: listOf(
        object({ name: text, secretName: text, mountPath: { type: 'string', pattern: '^/' } }, [
          'name',
          'secretName',
          'mountPath',
        ]),
      ),
      web: object({
        port: { type: 'integer', minimum: 1024, maximum: 65535 },
        telemetryPath: { type: 'string', pattern: '^/' },
        config: object({ existingSecret: text, key: { type: 'string', minLength: 1 } }),
        probe: object({
          scheme: oneOf('HTTP', 'HTTPS'),
          httpHeaders: listOf(object({ name: text, value: text }, ['name', 'value'])),
          tcpSocket: truth,
        }),
      }),
      startupProbe: probe,
      livenessProbe: probe,
      readinessProbe: probe,
      terminationGracePeriodSeconds: count,
      nodeSelector: texts,
      tolerations: listOf(asGiven),
      affinity: asGiven,
      priorityClassName: text,
      updateStrategy: asGiven,
      podLabels: texts,
      podAnnotations: texts,
      service: object({ enabled: truth, labels: texts, annotations: texts }),
      podMonitor: monitor,
      serviceMonitor: monitor,
      prometheusRule: object({ enabled: truth, namespace: text, additionalLabels: texts }),
      dashboards: object({ enabled: truth, namespace: text, labels: texts, annotations: texts }),
      networkPolicy: object({ enabled: truth, ingressFrom: listOf(asGiven), egress: listOf(asGiven) }),
      extraManifests: listOf({ type: ['object', 'string'] }),
    }),
  };
}
