// Which of its two forms the control door answers in (contract §6.1).

export type AnswerForm = 'text' | 'json'

/** By media range; `*` alone is one to the original. */
const forms: ReadonlyMap<string, AnswerForm> = new Map([
  ['application/json', 'json'],
  ['application/*', 'json'],
  ['text/plain', 'text'],
  ['text/*', 'text'],
  ['*/*', 'text'],
  ['*', 'text'],
])

/**
 * Of what the header names the last that we have counts, whatever weights it gives: publishers of the original rely on
 * text. Nothing said is text; undefined where we have nothing of what is named.
 */
export function negotiate(accept: readonly string[]): AnswerForm | undefined {
  const ranges = accept.flatMap(field => field.split(',')).map(range => range.split(';', 1)[0] ?? '')
  const named = ranges.map(range => range.trim().toLowerCase()).filter(range => range !== '')
  if (named.length === 0) return 'text'
  return named.map(range => forms.get(range)).findLast(form => form !== undefined)
}
