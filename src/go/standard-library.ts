/** First path elements of the standard library's packages (Go 1.27). A module may not be named like one of these. */
const STANDARD = new Set(
  (
    'archive arena bufio bytes cmp compress container context crypto database debug embed encoding errors expvar flag fmt go hash ' +
    'html image index internal io iter log maps math mime net os path plugin reflect regexp runtime slices sort strconv strings ' +
    'structs sync syscall testing text time unicode unique unsafe vendor weak'
  ).split(' '),
);

/** Whether a function's package is of the standard library, by the root of its path. */
export function isStandard(root: string): boolean {
  return STANDARD.has(root);
}

/** `net` of `net/http.(*conn).serve`, `main` of `main.run`, `example.com` of `example.com/app/queue.(*Pool[...]).take`. */
export function packageRoot(name: string): string {
  const slash = name.indexOf('/');
  const dot = name.indexOf('.');
  // A type argument or receiver may hold a slash; the package path ends before the first bracket or parenthesis.
  const bracket = name.search(/[[(]/);
  const pathSlash = bracket >= 0 && slash > bracket ? -1 : slash;
  if (pathSlash >= 0) return name.slice(0, pathSlash);
  return dot >= 0 ? name.slice(0, dot) : name;
}
