// The decoder of server-sent events in the command line: bytes come from whatever answers at an address.
import { deepEqual, ok } from 'node:assert/strict'
import { StreamDecoder, type StreamItem } from '../../../src/commands/stream-decoder.ts'
import { damaged } from '../damage.ts'
import type { Target } from '../target.ts'

const lengthMax = 400

const samples = [
  'id: e.41\ndata: {"a":1}\n\nevent: position\nid: e.42\ndata: {}\n\n',
  '\ufeffretry: 1000\r\n: comment\r\ndata: caf\u00e9\r\ndata: \ud83d\ude00\r\n\r\n',
  'data\rdata:\rdata:  x\r\rid: a\0b\rdata: y\r\r',
  `data: ${'x'.repeat(300)}\ndata: ${'y'.repeat(80)}\n\n`,
]

/** Everything at once, as the standard says it; undefined where an event is too long. */
function reference(bytes: Buffer): readonly StreamItem[] | undefined {
  const lines = new TextDecoder().decode(bytes, { stream: true }).split(/\r\n|\r|\n/)
  const rest = lines.pop() ?? ''
  const items: StreamItem[] = []
  let [name, id, data, length]: [string, string, string[], number] = ['', '', [], 0]
  let retry: Pick<StreamItem, 'retryMs'> = {}
  for (const line of lines) {
    length += line.length
    if (length > lengthMax) return undefined
    const [, field = '', value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? []
    if (field === 'event') name = value
    if (field === 'data') data.push(value)
    if (field === 'id' && !value.includes('\0')) id = value
    if (field === 'retry' && /^\d{1,9}$/.test(value)) retry = { retryMs: Number(value) }
    if (line !== '') continue
    if (data.length > 0) items.push({ name, id, data: data.join('\n'), ...retry })
    ;[name, data, length, retry] = ['', [], 0, {}]
  }
  return length + rest.length > lengthMax ? undefined : items
}

/** The input's own bytes say how it is cut. */
function decodeInPieces(bytes: Buffer): readonly StreamItem[] | undefined {
  const decoder = new StreamDecoder(lengthMax)
  const items: StreamItem[] = []
  try {
    for (let at = 0, step = 1; at < bytes.length; at += step) {
      step = 1 + ((bytes[at] ?? 0) % 7)
      items.push(...decoder.push(bytes.subarray(at, at + step)))
    }
  } catch (error) {
    ok(error instanceof RangeError, String(error))
    return undefined
  }
  return items
}

export const streamDecoder: Target = {
  name: 'stream-decoder',
  inputs: damaged(samples),
  check(bytes) {
    deepEqual(decodeInPieces(bytes), reference(bytes))
  },
}
