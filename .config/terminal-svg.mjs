// Turns terminal output into an SVG that follows the reader's light or dark setting:
//   node .config/terminal-svg.mjs [--title TEXT] [--lines 1-19,24-31] < OUTPUT > picture.svg
// Takes what the terminal got, escapes and all (`script -qec COMMAND /dev/null`). Lines left out show as a row of dots.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

const CELL = 8.4;
const LINE = 20;
const MARGIN = 16;
const BAR = 34;
const STYLES = { 1: 'bold', 2: 'dim', 31: 'red', 33: 'yellow', 36: 'cyan' };

const { values } = parseArgs({ options: { title: { type: 'string', default: '' }, lines: { type: 'string' } } });
const escapeXml = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
const fixed = (number) => String(Math.round(number * 10) / 10);

/** Words of one style, single blanks between them kept: `[column, text, class]`. */
function runsOf(line) {
  const runs = [];
  let style = '';
  let column = 0;
  for (const part of line.split(/(\u001b\[[0-9;]*m)/)) {
    const code = /^\u001b\[([0-9;]*)m$/.exec(part)?.[1];
    if (code !== undefined) style = STYLES[code] ?? '';
    else if (part !== '') {
      // Blanks are placed, not drawn: viewers differ in what they do with several of them.
      for (const { 0: word, index } of part.matchAll(/\S+(?: \S+)*/g)) runs.push([column + index, word, style]);
      column += part.length;
    }
  }
  return { runs, length: column };
}

/** The lines named by `1-19,24-31`, with undefined where some are left out. */
function chosen(lines, ranges) {
  if (ranges === undefined) return lines;
  const picked = [];
  let next = 1;
  for (const range of ranges.split(',')) {
    const [from, to = from] = range.split('-').map(Number);
    if (from > next) picked.push(undefined);
    picked.push(...lines.slice(from - 1, to));
    next = to + 1;
  }
  if (next <= lines.length) picked.push(undefined);
  return picked;
}

const text = readFileSync(0, 'utf8').replaceAll('\r', '').trimEnd();
const rows = chosen(text.split('\n'), values.lines).map((line) => (line === undefined ? undefined : runsOf(line)));
const columns = Math.max(...rows.map((row) => row?.length ?? 0));
const width = fixed(columns * CELL + 2 * MARGIN);
const height = fixed(rows.length * LINE + BAR + 2 * MARGIN);
const body = rows.map((row, index) => {
  const y = fixed(BAR + MARGIN + (index + 0.75) * LINE);
  if (row === undefined) return `<text x="${MARGIN}" y="${y}" class="dim">⋮</text>`;
  // Every run is stretched to its cells, so that columns stay in line whatever monospace font the reader has.
  return row.runs
    .map(([column, run, style]) => {
      const x = fixed(MARGIN + column * CELL);
      const class_ = style === '' ? '' : ` class="${style}"`;
      return `<text x="${x}" y="${y}" textLength="${fixed(run.length * CELL)}"${class_}>${escapeXml(run)}</text>`;
    })
    .join('');
});
process.stdout.write(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escapeXml(values.title).replaceAll('"', '&quot;')}">
<style>
.page{fill:#ffffff;stroke:#d0d7de}.bar{fill:#f6f8fa}
text{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;fill:#1f2328}
.bold{font-weight:700}.dim{fill:#656d76}.red{fill:#cf222e;font-weight:700}.yellow{fill:#9a6700;font-weight:700}.cyan{fill:#0969da;font-weight:700}
@media (prefers-color-scheme:dark){.page{fill:#0d1117;stroke:#30363d}.bar{fill:#161b22}text{fill:#e6edf3}.dim{fill:#8b949e}.red{fill:#ff7b72}.yellow{fill:#e3b341}.cyan{fill:#79c0ff}}
</style>
<rect x="0.5" y="0.5" width="${fixed(Number(width) - 1)}" height="${fixed(Number(height) - 1)}" rx="8" class="page"/>
<path d="M0.5 ${BAR}V8.5a8 8 0 0 1 8-8H${fixed(Number(width) - 8.5)}a8 8 0 0 1 8 8V${BAR}z" class="bar"/>
<text x="${MARGIN}" y="22" class="dim">${escapeXml(values.title)}</text>
${body.join('\n')}
</svg>
`);
