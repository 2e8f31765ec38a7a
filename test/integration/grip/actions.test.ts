// What says something to clients of GRIP alone has its place in the channel all the same: every protocol that counts counts it,
// and nobody is given any content for it.
import { deepEqual, equal } from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { defaults } from '../../helpers/daemon.ts'
import { type Ground, protocols, startGround } from '../../helpers/protocols/ground.ts'
import { omitted, opened, type Protocol, post, type Reader } from '../../helpers/protocols/protocol.ts'

let ground: Ground
const readers: Reader[] = []

before(async () => {
  ground = await startGround({ RINGCAST_HISTORY_SIZE: '10' })
})
after(async () => {
  for (const reader of readers) reader.leave()
  equal(await ground.stop(), 0)
})

const own = protocols.find(({ name }) => name === 'grip') as Protocol // this folder is its own

async function publish(channel: string, formats: object): Promise<void> {
  const headers = { authorization: `Bearer ${defaults['RINGCAST_GRIP_CONTROL_SECRET']}` }
  const body = JSON.stringify({ items: [{ channel, formats }] })
  const { status } = await post(ground.at(own, channel, 1), '/publish/', headers, body)
  equal(status, 200)
}

const actions: readonly (readonly [what: string, formats: object])[] = [
  ['a hint', { 'http-stream': { action: 'hint' }, 'http-response': { action: 'hint' } }],
  ['a refresh', { 'ws-message': { action: 'refresh' } }],
  ['a patch', { 'http-response': { 'body-patch': [{ op: 'remove', path: '/a' }] } }],
  ['a ping', { 'ws-message': { type: 'ping' } }],
]

for (const [what, formats] of actions) {
  test(`${what} counts one, and is no content to anybody`, async () => {
    const channel = what.replace(' ', '-')
    const all: (readonly [Protocol, Reader])[] = []
    for (const protocol of protocols) {
      all.push([protocol, await opened(protocol.read(ground.at(protocol, channel, 2), channel))])
    }
    readers.push(...all.map(([, reader]) => reader))
    await publish(channel, formats)
    await publish(channel, { 'http-stream': { content: '{"n":1}' } })
    const positions = new Set<string>()
    for (const [{ hasPositions, name, rendersNothingAs = omitted }, reader] of all) {
      let [text] = await reader.next(1)
      // Some wires tell a place without a content, others move on in silence.
      if (text === rendersNothingAs) [text] = await reader.next(1)
      equal(text, '{"n":1}', name)
      if (hasPositions) positions.add(reader.position())
    }
    equal(positions.size, 1, 'all are at one place')
    const [reached = ''] = positions
    // Who begins before both has missed nothing that has content, and is at the same place then.
    const [epoch, offset] = reached.split('.')
    for (const protocol of protocols.filter(({ hasPositions }) => hasPositions)) {
      const since = `${epoch}.${Number(offset) - 2}`
      const reader = await opened(protocol.read(ground.at(protocol, channel, 2), channel, since))
      readers.push(reader)
      let [text] = await reader.next(1)
      if (text === (protocol.rendersNothingAs ?? omitted)) [text] = await reader.next(1)
      deepEqual([text, reader.position(), reader.gap], ['{"n":1}', reached, false], protocol.name)
    }
  })
}
