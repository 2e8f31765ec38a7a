// Grip-Keep-Alive (contract §5.3): what is sent into a stream that has nothing to say, and when. The header is one element,
// no list: commas are part of its data.
import { type KeepAlive, keepAliveTimeoutMs } from './instruct.ts'
import { parameterOf, parseElement } from './list.ts'
import { parseSeconds } from './seconds.ts'

type KeepAliveReading =
  | { readonly ok: true; readonly keepAlive: KeepAlive | undefined }
  | { readonly ok: false; readonly error: string }

export function readKeepAlive(field: string | undefined): KeepAliveReading {
  if (field === undefined) return { ok: true, keepAlive: undefined }
  const element = parseElement(field)
  if (element === undefined || element.value === '') return fail('Grip-Keep-Alive cannot be empty')
  const mode = parameterOf(element, 'mode') ?? 'idle'
  if (mode !== 'idle' && mode !== 'interval') return fail(`no such Grip-Keep-Alive mode '${mode}'`)
  const timeout = parseSeconds('Grip-Keep-Alive timeout', parameterOf(element, 'timeout'), ' value')
  if (!timeout.ok) return timeout
  const format = parameterOf(element, 'format') ?? 'raw'
  const decode = formats.get(format)
  if (decode === undefined) return fail(`no such Grip-Keep-Alive format '${format}'`)
  const bytes = decode(element.value)
  if (bytes === undefined) return fail(`failed to parse Grip-Keep-Alive ${format} format`)
  return { ok: true, keepAlive: { bytes, timeoutMs: keepAliveTimeoutMs(timeout.seconds), mode } }
}

function fail(error: string): KeepAliveReading {
  return { ok: false, error }
}

type Decode = (text: string) => Uint8Array | undefined

const formats: ReadonlyMap<string, Decode> = new Map<string, Decode>([
  ['raw', text => Buffer.from(text, 'latin1')],
  ['cstring', bytesOfCstring],
  // Characters of no alphabet are skipped.
  ['base64', text => Buffer.from(text, 'base64')],
])

const escapes: ReadonlyMap<string, string> = new Map([
  ['\\', '\\'],
  ['r', '\r'],
  ['n', '\n'],
])

/** An escape that means nothing is nothing; undefined where one is cut short. */
function bytesOfCstring(text: string): Uint8Array | undefined {
  let meant = ''
  for (let at = 0; at < text.length; at++) {
    if (text[at] !== '\\') {
      meant += text.charAt(at)
      continue
    }
    const letter = text[++at]
    if (letter === undefined) return undefined
    if (letter === 'x') {
      const digits = text.slice(at + 1, at + 3)
      if (!/^[0-9a-f]{2}$/i.test(digits)) return undefined
      meant += String.fromCharCode(Number.parseInt(digits, 16))
      at += 2
    } else meant += escapes.get(letter) ?? ''
  }
  return Buffer.from(meant, 'latin1')
}
