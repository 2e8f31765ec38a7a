// What a request asks for: segments of its path, and parameters out of its query and body. A body counts only with
// JSON's content type, and goes before the query.
import { isUtf8 } from 'node:buffer'
import { isIntact } from '../../std/escaped-text.ts'
import { JsonText, parseJson } from './json.ts'

/** Values by name, each as JSON text without white space around it. Nothing is read before it is asked for. */
export interface Parameters {
  get(name: string): string | undefined
}

export type ParametersReading =
  | { readonly ok: true; readonly parameters: Parameters }
  | { readonly ok: false; readonly reason: 'content-type' | 'json-syntax' | 'query-not-utf8' }

const jsonType = /^[\t ]*application\/(?:[!#$%&'*+.^_`|~0-9a-z-]+\+)?json[\t ]*(?:;.*)?$/is

/** Empty segments do not count. An escape that is none, or no UTF-8, stays as it is: `isIntact` tells of the latter. */
export function segmentsOf(path: string): readonly string[] {
  return path
    .split('/')
    .filter(segment => segment !== '')
    .map(unescapeSegment)
}

function unescapeSegment(segment: string): string {
  return segment.replace(/(?:%[0-9a-f]{2})+/gi, run => {
    const bytes = Buffer.from(run.replaceAll('%', ''), 'hex')
    return isUtf8(bytes) ? bytes.toString('utf8') : run
  })
}

/** `type` is the content type; without one the body does not count. A body is judged whole, whoever asks for what. */
export function readParameters(
  query: string | undefined,
  type: string | undefined,
  body: Uint8Array,
): ParametersReading {
  if (query !== undefined && !isIntact(query)) return { ok: false, reason: 'query-not-utf8' }
  const given = once(() => queryParameters(query))
  if (type === undefined) return { ok: true, parameters: { get: name => given().get(name) } }
  if (!jsonType.test(type)) return { ok: false, reason: 'content-type' }
  if (body.length === 0) return { ok: true, parameters: { get: name => given().get(name) } }
  const json = isUtf8(body) ? parseJson(Buffer.from(body).toString('utf8')) : undefined
  if (json === undefined) return { ok: false, reason: 'json-syntax' }
  return { ok: true, parameters: { get: name => json.part(name) ?? given().get(name) } }
}

function once<Value extends object>(read: () => Value): () => Value {
  let value: Value | undefined
  return () => {
    value ??= read()
    return value
  }
}

/** `name=` is a text, `name[]=` adds to a list; of what says both the last counts. */
function queryParameters(query: string | undefined): ReadonlyMap<string, string> {
  const values = new Map<string, string | string[]>()
  for (const [name, value] of new URLSearchParams(query ?? '')) {
    const list = name.endsWith('[]') ? values.get(name.slice(0, -2)) : undefined
    if (Array.isArray(list)) list.push(value)
    else if (name.endsWith('[]')) values.set(name.slice(0, -2), [value])
    else values.set(name, value)
  }
  return new Map([...values].map(([name, value]) => [name, JSON.stringify(value)]))
}

export type Needed =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly reason: 'parameter-missing' | 'parameter-empty' }

/** A parameter that must be there, as JSON text. */
export function need(parameters: Parameters, name: string): Needed {
  const text = parameters.get(name)
  if (text === undefined || text === 'null') return { ok: false, reason: 'parameter-missing' }
  return text === '""' ? { ok: false, reason: 'parameter-empty' } : { ok: true, text }
}

/** A list of texts, or one text; undefined where it is something else, or has more than `countMax`. */
export function textsOf(json: string, countMax: number): readonly string[] | undefined {
  return new JsonText(json).texts(countMax)
}
