import { configMap, namespace, serviceAccount } from './base.ts';
import { type Copies, components } from './components.ts';
import { daemonSet } from './daemon-set.ts';
import { kustomization } from './kustomization.ts';
import { NAMESPACE } from './names.ts';
import { type TextFile, yamlFile } from './yaml-file.ts';

/** No settings: the defaults hold. Not empty, so that there is a file to edit. */
export const USUAL_CONFIG =
  '# Settings: docs/configuration.md. Most are in force a minute after they were changed here.\n{}\n';

const POD_SECURITY = [
  'The Pod Security level is `privileged` because hostPID, host paths and the two capabilities are beyond `baseline`.',
  'The container is not privileged.',
];

/** What is installed without any component. */
export const baseDocuments = (): readonly object[] => [namespace, serviceAccount, configMap(USUAL_CONFIG), daemonSet()];

/** Every file of deploy/manifests. */
export function manifestFiles(copies: Copies): TextFile[] {
  return [
    yamlFile(
      'base/kustomization.yaml',
      ['The agent on every Linux node, tier 2. See docs/deployment.md.'],
      [
        kustomization({
          namespace: NAMESPACE,
          resources: ['namespace.yaml', 'serviceaccount.yaml', 'configmap.yaml', 'daemonset.yaml'],
        }),
      ],
    ),
    yamlFile('base/namespace.yaml', POD_SECURITY, [namespace]),
    yamlFile('base/serviceaccount.yaml', ['Bound to no role; its token is not mounted.'], [serviceAccount]),
    yamlFile('base/configmap.yaml', ['The configuration file of the agents.'], [configMap(USUAL_CONFIG)]),
    yamlFile(
      'base/daemonset.yaml',
      ['Tier 2: user 0 with SYS_PTRACE and DAC_READ_SEARCH, and nothing else. See docs/running.md.'],
      [daemonSet()],
    ),
    yamlFile(
      'install.yaml',
      ['The base in one file. Put the name of your image in place of registry.example.com/cgopher.', ...POD_SECURITY],
      baseDocuments(),
    ),
    ...components(copies),
  ];
}
