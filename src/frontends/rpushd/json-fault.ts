// Where and how a JSON text is wrong, in words an application developer can use. rpushd 1.0.3 promises the status
// of such an answer and the start of its text; the words chosen here follow those of its parser.

/** Such as `expected value at line 1 column 5`. `within` names, with its article, what the end of the text cut off. */
export function describe(text: string, at: number, what: string, within: string): string {
  const lineStart = at === 0 ? 0 : text.lastIndexOf('\n', at - 1) + 1
  const line = text.slice(0, lineStart).split('\n').length
  if (at < text.length) return `${what} at line ${line} column ${at - lineStart + 1}`
  // The end of the text counts as its last column and not as the one behind it.
  return `EOF while parsing ${within} at line ${line} column ${at - lineStart}`
}
