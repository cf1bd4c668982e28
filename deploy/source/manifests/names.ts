/** What the objects of an installation are called. The chart gives the same names to a release `cgopher` in the namespace `cgopher`. */
export const NAME = 'cgopher';
export const NAMESPACE = 'cgopher';

/** The version of the agent: that of package.json. */
export const VERSION = '0.1.0';

/** No image is published: everybody puts the registry of his own here, by `images` of kustomize or `image.repository` of the chart. */
export const IMAGE = 'registry.example.com/cgopher';

/** What selects the pods. Cannot change once it is installed. */
export const SELECTOR = { 'app.kubernetes.io/name': NAME } as const;

export const LABELS = { ...SELECTOR, 'app.kubernetes.io/part-of': NAME, 'app.kubernetes.io/version': VERSION } as const;

/** Where the agent listens, and the name of that port. */
export const PORT = { name: 'metrics', number: 10119 } as const;

/** Name, namespace and labels of an object in the namespace. */
export const meta = (name = NAME) => ({ name, namespace: NAMESPACE, labels: { ...LABELS } });

/** The same of an object that is in no namespace. */
export const clusterMeta = (name: string) => ({ name, labels: { ...LABELS } });
