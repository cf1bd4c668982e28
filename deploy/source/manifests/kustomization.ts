/** An operation of JSON Patch. */
interface Operation {
  readonly op: 'add' | 'replace';
  readonly path: string;
  readonly value: unknown;
}

/** What is used here of a kustomization file. kustomize refuses a file with unknown fields. */
interface Content {
  readonly namespace?: string;
  readonly resources?: readonly string[];
  readonly configMapGenerator?: readonly {
    readonly name: string;
    readonly files: readonly string[];
    readonly options: { readonly labels: Readonly<Record<string, string>>; readonly disableNameSuffixHash: boolean };
  }[];
  readonly patches?: readonly {
    readonly target: { readonly kind: string; readonly name: string };
    readonly patch: string;
  }[];
}

export const kustomization = (content: Content) => ({
  apiVersion: 'kustomize.config.k8s.io/v1beta1',
  kind: 'Kustomization',
  ...content,
});

/** A part that an overlay adds with `components:`. */
export const component = (content: Content) => ({
  apiVersion: 'kustomize.config.k8s.io/v1alpha1',
  kind: 'Component',
  ...content,
});

/** A patch of one object. JSON in YAML's place: every JSON text is YAML. */
export const patch = (kind: string, name: string, operations: readonly Operation[]) => ({
  target: { kind, name },
  patch: JSON.stringify(operations, undefined, 2),
});
