/** The path of the cgroup right above: `/system.slice` of `/system.slice/x.service`, and the empty string of `/system.slice`. */
export function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}
