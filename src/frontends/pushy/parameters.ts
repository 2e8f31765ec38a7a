// What a request asks for: segments of its path, and parameters out of its query and body. A body counts only with
// JSON's content type, and goes before the query.
import { isUtf8 } from 'node:buffer'
import { parseJson } from './json.ts'

/** Values as JSON text in normal form, by name. */
export type Parameters = ReadonlyMap<string, string>

export type ParametersReading =
  | { readonly ok: true; readonly parameters: Parameters }
  | { readonly ok: false; readonly reason: 'content-type' | 'json-syntax' }

const jsonType = /^[\t ]*application\/(?:[!#$%&'*+.^_`|~0-9a-z-]+\+)?json[\t ]*(?:;.*)?$/is

/** Empty segments do not count. An escape that is none, or no UTF-8, stays as it is. */
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

/** `type` is the content type; without one the body does not count. */
export function readParameters(
  query: string | undefined,
  type: string | undefined,
  body: Uint8Array,
): ParametersReading {
  const parameters = queryParameters(query)
  if (type === undefined) return { ok: true, parameters }
  if (!jsonType.test(type)) return { ok: false, reason: 'content-type' }
  if (body.length === 0) return { ok: true, parameters }
  const json = isUtf8(body) ? parseJson(Buffer.from(body).toString('utf8')) : undefined
  if (json === undefined) return { ok: false, reason: 'json-syntax' }
  for (const { key, text } of json.members()) parameters.set(key, text)
  return { ok: true, parameters }
}

/** `name=` is a text, `name[]=` adds to a list; of what says both the last counts. */
function queryParameters(query: string | undefined): Map<string, string> {
  const values = new Map<string, string | string[]>()
  for (const [name, value] of new URLSearchParams(query ?? '')) {
    if (!name.endsWith('[]')) {
      values.set(name, value)
      continue
    }
    const list = name.slice(0, -2)
    const before = values.get(list)
    values.set(list, [...(Array.isArray(before) ? before : []), value])
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

/** A list of texts, or one text; undefined where it is something else. */
export function textsOf(json: string): readonly string[] | undefined {
  const value: unknown = JSON.parse(json)
  if (typeof value === 'string') return [value]
  return Array.isArray(value) && value.every(each => typeof each === 'string') ? value : undefined
}
