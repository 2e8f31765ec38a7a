// One request with publications, and what its answer means for whoever waits for it in a terminal.
import { type Api, askApi, describedText, parseJsonText, readAnswer, recordOf } from './api.ts'
import { exitCode, refuse, type Shell } from './output.ts'

/** An answer waits for the slowest owner; the API itself gives up long before. */
const answerTimeoutMs = 30_000

/**
 * Prints a line for each publication that was made and complains of the others; returns the command's exit code.
 * `lines` are the numbers of a list's publications in the input; empty for a single one.
 */
export async function send(
  body: string,
  lines: readonly number[],
  api: Api,
  shell: Shell,
  asJson = false,
): Promise<number> {
  const request = { method: 'POST', body, headers: { 'content-type': 'application/json' } }
  const reply = await askApi(api, '/v1/publications', request, AbortSignal.timeout(answerTimeoutMs))
  const place = placeOf(lines[0], lines.at(-1))
  if (!reply.ok) return refuse(shell, [place + reply.text], codeFor(reply.isTemporary))
  const text = await readAnswer(reply.response)
  if (text === '') return refuse(shell, [`${place}the answer broke off`], exitCode.later)
  const results = resultsIn(parseJsonText(text), lines.length)
  if (results === undefined) return refuse(shell, [`${place}${api.url} gave no answer of the API`])
  let worst: number = exitCode.ok
  for (const [index, result] of results.entries()) {
    const { error, position, subscribers } = result
    if (error === undefined) {
      shell.terminal.print(asJson ? JSON.stringify(result) : `${position} ${subscribers}`)
      continue
    }
    const own = placeOf(lines[index], lines[index])
    const code = refuse(
      shell,
      [own + describedText(error)],
      codeFor(Number(recordOf(error)['status']) >= 500),
    )
    // One that will never do outweighs those that may.
    worst = worst === exitCode.failed ? worst : code
  }
  await shell.terminal.flush()
  return worst
}

type Result = Readonly<Record<string, unknown>>

/** In the order of the publications; undefined: whoever answered is not the API. */
function resultsIn(answer: unknown, listLength: number): readonly Result[] | undefined {
  const { results } = recordOf(answer)
  const found = listLength === 0 ? [recordOf(answer)] : Array.isArray(results) ? results.map(recordOf) : []
  const isApi = found.every(({ error, position }) => error !== undefined || typeof position === 'string')
  return isApi && found.length === Math.max(1, listLength) ? found : undefined
}

/** As `send`, one publication by a protocol's own route. */
export async function sendAddressed(
  path: string,
  body: string,
  said: (answer: Result) => string | undefined,
  api: Api,
  shell: Shell,
  asJson = false,
): Promise<number> {
  const request = { method: 'POST', body, headers: { 'content-type': 'application/json' } }
  const reply = await askApi(api, path, request, AbortSignal.timeout(answerTimeoutMs))
  if (!reply.ok) return refuse(shell, [reply.text], codeFor(reply.isTemporary))
  const text = await readAnswer(reply.response)
  const line = said(recordOf(parseJsonText(text)))
  if (line === undefined) return refuse(shell, [`${api.url} gave no answer of the API`])
  shell.terminal.print(asJson ? text : line)
  await shell.terminal.flush()
  return exitCode.ok
}

function codeFor(isTemporary: boolean): number {
  return isTemporary ? exitCode.later : exitCode.failed
}

function placeOf(first: number | undefined, last: number | undefined): string {
  if (first === undefined) return ''
  return first === last ? `line ${first}: ` : `lines ${first} to ${last}: `
}
