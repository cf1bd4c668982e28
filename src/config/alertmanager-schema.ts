import * as z from 'zod';
import { duration } from './fields.ts';

/** Absolute, because a relative one would depend on where the agent was started. Files are read again for each sending. */
const file = (description: string) =>
  z
    .string()
    .max(4096)
    .regex(/^\/[^\0]*$/, 'expected an absolute path')
    .meta({ description });

const httpUrl = (description: string) =>
  z
    .string()
    .max(1024)
    .regex(
      /^https?:\/\/[^\s/?#@\\]+(\/[!-"$->@-~]*)?$/,
      'expected http://HOST:PORT/PREFIX or https://..., without credentials, query or fragment',
    )
    .refine((text) => URL.canParse(text.replace(/\{\w+\}/g, 'x')), 'is not a URL')
    .meta({ description });

const targetSchema = z
  .strictObject({
    url: httpUrl('Where it is, with its path prefix if it has one. `/api/v2/alerts` is added.'),
    basicAuth: z
      .strictObject({
        username: z
          .string()
          .min(1)
          .max(256)
          .regex(/^[^:\p{Cc}]+$/u, 'expected a name without a colon')
          .meta({ description: 'User name.' }),
        passwordFile: file('File with the password. A line feed at its end does not count.'),
      })
      .optional()
      .meta({ description: 'Basic authentication.' }),
    bearerTokenFile: file('File with a token for `Authorization: Bearer`.').optional(),
    tls: z
      .strictObject({
        caFile: file('Certificates to trust in place of the usual ones, PEM.').optional(),
        certFile: file('Certificate to show, PEM.').optional(),
        keyFile: file('Key of that certificate, PEM.').optional(),
        serverName: z
          .string()
          .min(1)
          .max(253)
          .regex(/^[A-Za-z0-9._-]+$/, 'expected a host name')
          .optional()
          .meta({ description: 'Name the certificate must carry; left out: the host of the URL.' }),
      })
      .refine(({ certFile, keyFile }) => (certFile === undefined) === (keyFile === undefined), {
        error: 'certFile and keyFile belong together',
      })
      .optional()
      .meta({ description: 'How to speak https.' }),
  })
  .refine(({ basicAuth, bearerTokenFile }) => basicAuth === undefined || bearerTokenFile === undefined, {
    error: 'basicAuth and bearerTokenFile exclude each other',
  })
  .refine(({ url, tls }) => tls === undefined || url.startsWith('https:'), {
    path: ['tls'],
    error: 'needs an https URL',
  });

const differ = (targets: readonly { readonly url: string }[]): boolean =>
  new Set(targets.map(({ url }) => url.replace(/\/+$/, ''))).size === targets.length;

/** Labels a finding gives itself must not be overwritten, or alerts of different workloads would be one. */
const LABEL_NAME = /^(?!__|(?:alertname|rule|severity|namespace|pod|container|process)$)[A-Za-z_][A-Za-z0-9_]{0,63}$/;

/** Findings pushed to Alertmanagers. Off while there is no target. */
export const alertmanagerSchema = z.strictObject({
  targets: z.array(targetSchema).max(16).refine(differ, 'two targets have the same url').default([]).meta({
    description:
      'Alertmanagers. Each gets every alert, also when they form a cluster: they do not hand alerts on to one another. None: nothing is pushed.',
  }),
  minSeverity: z
    .enum(['info', 'warning', 'critical'])
    .default('warning')
    .meta({ description: 'Findings below this are not pushed.' }),
  resendInterval: duration(
    'Between two sendings of an alert that still fires. Each says that it holds for four times as long, so two may fail.',
    { minMs: 10_000, maxMs: 3_600_000 },
  ).prefault('1m'),
  timeout: duration('For one whole request. As in Prometheus.', { minMs: 100, maxMs: 60_000 }).prefault('10s'),
  externalLabels: z
    .record(
      z
        .string()
        .regex(
          LABEL_NAME,
          'expected a label name other than alertname, rule, severity, namespace, pod, container, process',
        ),
      z.string().min(1).max(256),
    )
    .refine((labels) => Object.keys(labels).length <= 32, 'must have at most 32 labels')
    .default({})
    .meta({
      description: 'Labels on every alert, such as `cluster`. `node` in here stands in for the name of the node.',
    }),
  externalUrl: httpUrl(
    'Where people reach the page of this agent; `{node}` stands for the name of the node. Alerts then link to it and to their evidence.',
  ).optional(),
  runbookUrl: httpUrl(
    'Folder of the runbook pages; left out: those of the project, as in the Prometheus rules.',
  ).optional(),
});
