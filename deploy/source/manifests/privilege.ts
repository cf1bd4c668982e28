import type { ISecurityContext } from 'kubernetes-models/v1/SecurityContext';

/** How much the agent may see. What each tier adds is told in docs/running.md; tier 3 needs a program the image does not have. */
export const TIERS = [0, 1, 2] as const;
export type Tier = (typeof TIERS)[number];

/** Without reading memory most Go programs are found and not understood. */
export const USUAL_TIER: Tier = 2;

const CAPABILITIES: Readonly<Record<Tier, readonly string[]>> = {
  0: [],
  1: ['SYS_PTRACE'],
  2: ['SYS_PTRACE', 'DAC_READ_SEARCH'],
};

/** The user of the image, who has no privilege. */
const NOBODY = 65532;

/**
 * The container's security context. Kubernetes has no ambient capabilities: a user other than 0 has none of those that are added, so tiers 1 and 2 are
 * user 0 with exactly those. The AppArmor profile of the runtime would let the agent look at processes of its own profile only.
 */
export function securityContext(tier: Tier): ISecurityContext {
  const add = [...CAPABILITIES[tier]];
  const user =
    add.length === 0
      ? { runAsNonRoot: true, runAsUser: NOBODY, runAsGroup: NOBODY }
      : { runAsNonRoot: false, runAsUser: 0, runAsGroup: 0 };
  return {
    ...user,
    privileged: false,
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: add.length === 0 ? { drop: ['ALL'] } : { drop: ['ALL'], add },
    seccompProfile: { type: 'RuntimeDefault' },
    ...(add.length === 0 ? {} : { appArmorProfile: { type: 'Unconfined' } }),
  };
}
