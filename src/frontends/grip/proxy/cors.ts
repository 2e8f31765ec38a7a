// Automatic CORS (contract §12.1): added to whatever a client gets, as far as the answer does not say it itself.
import { fieldsOf } from '../instruct/list.ts'
import { headersOf, type RawHeaders, valuesOf } from './raw-headers.ts'

/** Pages may read these without being told (Fetch standard, CORS-safelisted response-header name). */
const safe: ReadonlySet<string> = new Set([
  'cache-control',
  'content-language',
  'content-length',
  'content-type',
  'expires',
  'last-modified',
  'pragma',
])

const usualMethods = 'OPTIONS, HEAD, GET, POST, PUT, DELETE'

/** `request` and `answer` are raw lists; returns the answer's with what it lacked behind it. */
export function withCors(request: RawHeaders, answer: RawHeaders): readonly string[] {
  const names = [...headersOf(answer)].map(([lower]) => lower)
  const [method] = fieldsOf(request, 'access-control-request-method')
  const [headers] = fieldsOf(request, 'access-control-request-headers')
  const [origin] = valuesOf(request, 'origin')
  const exposed = [...headersOf(answer)].flatMap(([lower, name]) => (isExposed(lower) ? [name] : []))
  const wanted: readonly (readonly [string, string | undefined])[] = [
    ['Access-Control-Allow-Methods', method ?? usualMethods],
    ['Access-Control-Allow-Headers', headers],
    ['Access-Control-Expose-Headers', exposed.length === 0 ? undefined : [...new Set(exposed)].join(', ')],
    ['Access-Control-Allow-Credentials', 'true'],
    ['Access-Control-Allow-Origin', origin ?? '*'],
    ['Access-Control-Max-Age', '3600'],
  ]
  const lacking = wanted.flatMap(([name, value]) =>
    value === undefined || names.includes(name.toLowerCase()) ? [] : [name, value],
  )
  return [...answer, ...lacking]
}

function isExposed(lower: string): boolean {
  return !safe.has(lower) && !lower.startsWith('access-control-') && !lower.startsWith('grip-')
}
