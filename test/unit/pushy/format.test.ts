// Publications without content as text of a stream: the position of whoever has positions moves, and nobody is woken.
import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { parseEpoch, parseOffset } from '../../../src/engine/words/position.ts'
import { createFormats } from '../../../src/frontends/pushy/format.ts'
import { channelName } from '../../helpers/mesh.ts'
import { placesOnly } from '../../helpers/protocols/renderings.ts'

const epoch = parseEpoch('e1')
const publication = {
  channel: channelName('news'),
  offset: parseOffset(7),
  content: { kind: 'none', payload: Buffer.alloc(0) },
} as const

test('what has no content moves a position, and is nothing to streams without positions', () => {
  const formats = createFormats(100)
  const cells = placesOnly('pushy')
  for (const format of [formats.plain, formats.ofPattern('news', 'wide')]) {
    deepEqual([format.encode(publication, epoch), format.omitted?.(publication)], [undefined, 'pass'])
  }
  equal(cells.without, 'nothing')
  const text = Buffer.from(formats.positions.encode(publication, epoch) ?? '').toString()
  equal(text.replace('e1.7', 'EPOCH.OFFSET'), `${cells.withPositions}\n\n`)
})
