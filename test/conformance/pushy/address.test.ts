// Where a page begins that connects for the first time: the position is in its address.
import { deepEqual, equal } from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type Ground, startGround } from '../../helpers/protocols/ground.ts'
import { opened } from '../../helpers/protocols/protocol.ts'
import { protocol, readSince } from './protocol.ts'

let ground: Ground
before(async () => {
  ground = await startGround({ RINGCAST_HISTORY_SIZE: '20' })
})
after(async () => equal(await ground.stop(), 0))

test('the position in the address of a stream is the same as in its header', async t => {
  const channel = 'address'
  const first = await opened(protocol.read(ground.at(protocol, channel, 2), channel))
  t.after(() => first.leave())
  const position = first.position()
  for (const n of [1, 2]) {
    equal((await protocol.publish(ground.at(protocol, channel, 1), channel, `{"n":${n}}`)).status, 200)
  }
  const second = await opened(readSince(ground.at(protocol, channel, 2), channel, position))
  t.after(() => second.leave())
  deepEqual(
    (await second.next(2)).map(text => JSON.parse(text).n),
    [1, 2],
  )
})
