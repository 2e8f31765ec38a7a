// Publications of any kind and size as frames: what fits is framed, what does not is told and never thrown.
import { deepEqual, fail } from 'node:assert/strict'
import { test } from 'node:test'
import { parseEpoch, parseOffset } from '../../../src/engine/words/position.ts'
import {
  type Content,
  type ContentKind,
  type Publication,
  parseChannelName,
} from '../../../src/engine/words/publication.ts'
import { createFrameReader, framePayloadBytesMax } from '../../../src/frontends/rpushd/codec.ts'
import { createFormats } from '../../../src/frontends/rpushd/format.ts'
import { placesOnly } from '../../helpers/protocols/renderings.ts'

const epoch = parseEpoch('e')
const max = framePayloadBytesMax
const notice = ' {"ringcast":{"omitted":true}}'

function publicationOf(kind: ContentKind, payload: string | Uint8Array): Publication {
  const content: Content = { kind, payload: Buffer.from(payload) }
  const channel = parseChannelName('c') ?? (undefined as never) // short enough
  return { channel, offset: parseOffset(1), content }
}

const rows: readonly {
  readonly name: string
  readonly kind: ContentKind
  readonly payload: string | Uint8Array
  /** Undefined: left out. */
  readonly framed: string | undefined
}[] = [
  { name: 'JSON', kind: 'json', payload: '{"a":1}', framed: '{"a":1}' },
  { name: 'JSON behind white space', kind: 'json', payload: '\t\r\n {"a": 1}', framed: '{"a": 1}' },
  { name: 'JSON that is none, but white space', kind: 'json', payload: '  ', framed: undefined },
  { name: 'JSON that is nothing', kind: 'json', payload: '', framed: undefined },
  { name: 'text', kind: 'text', payload: 'a"b\n', framed: '"a\\"b\\n"' },
  { name: 'empty text', kind: 'text', payload: '', framed: '""' },
  { name: 'text that is not UTF-8', kind: 'text', payload: Buffer.from([0x61, 0xff]), framed: '"a\ufffd"' },
  { name: 'bytes', kind: 'bytes', payload: Buffer.from([0, 255]), framed: '"AP8="' },
  { name: 'the largest JSON', kind: 'json', payload: 'x'.repeat(max), framed: 'x'.repeat(max) },
  { name: 'JSON one byte too large', kind: 'json', payload: 'x'.repeat(max + 1), framed: undefined },
  {
    name: 'the largest text',
    kind: 'text',
    payload: 'x'.repeat(max - 2),
    framed: `"${'x'.repeat(max - 2)}"`,
  },
  { name: 'text that quotes make too large', kind: 'text', payload: 'x'.repeat(max - 1), framed: undefined },
  {
    name: 'text that escapes make too large',
    kind: 'text',
    payload: '\n'.repeat(max / 2),
    framed: undefined,
  },
  {
    name: 'bytes that base64 makes too large',
    kind: 'bytes',
    payload: Buffer.alloc(50_000),
    framed: undefined,
  },
]

for (const { name, kind, payload, framed } of rows) {
  test(`${name} is ${framed === undefined ? 'left out' : 'framed'}`, () => {
    const { plain, counting } = createFormats(() => fail('nothing is told by encoding'))
    const publication = publicationOf(kind, payload)
    const read = (bytes: Uint8Array | undefined) =>
      createFrameReader()
        .push(bytes ?? new Uint8Array(0))
        .map(one => Buffer.from(one).toString())
    const plainBytes = plain.encode(publication, epoch)
    deepEqual(
      [plainBytes === undefined, read(plainBytes)],
      framed === undefined ? [true, []] : [false, [framed]],
    )
    deepEqual(read(counting.encode(publication, epoch)), [framed ?? notice], 'counts in any case')
  })
}

test('what has no content is nothing, and a notice that counts one to whoever counts', () => {
  const { plain, counting } = createFormats(() => fail('a stream misses nothing by it'))
  const cells = placesOnly('rpushd')
  const nothing = publicationOf('none', '')
  deepEqual(
    [plain.encode(nothing, epoch), plain.omitted?.(nothing), cells.without],
    [undefined, 'pass', 'nothing'],
  )
  const [frame] = createFrameReader().push(counting.encode(nothing, epoch) ?? fail('no notice'))
  deepEqual(Buffer.from(frame ?? '').toString(), cells.withPositions)
})

test('what is left out is told, and ends the streams that have no notice of it', () => {
  let told = 0
  const { plain } = createFormats(() => void told++)
  deepEqual([plain.omitted?.(publicationOf('json', '')), told], ['end', 1])
})
