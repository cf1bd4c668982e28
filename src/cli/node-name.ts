/**
 * The name of this node: NODE_NAME, which a pod gets by the downward API, else the host name. Inside a pod without NODE_NAME it is not known:
 * the host name there is that of the pod.
 */
export function nodeName(
  environment: Readonly<Record<string, string | undefined>>,
  hostname: string,
): string | undefined {
  const given = environment['NODE_NAME']?.trim();
  if (given !== undefined && given !== '') return given;
  return environment['KUBERNETES_SERVICE_HOST'] === undefined && hostname !== '' ? hostname : undefined;
}
