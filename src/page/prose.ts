import { type Html, html } from './html.ts';

/** Text with the code spans of Markdown, which is all that the texts of rules have of it. */
export function prose(text: string): Html {
  const pieces = text.split('`');
  // An odd one is no span: it is somebody's name, and stays as it is.
  if (pieces.length % 2 === 0) return html`${text}`;
  return html`${pieces.map((piece, index) => (index % 2 === 1 ? html`<code>${piece}</code>` : piece))}`;
}
