// Events that a client makes up do not reach an origin that speaks them, however it says what they are: the origin would take them for
// ours, for they would be signed (contract §4.8).
import { deepEqual } from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type GripNode, startGripNode } from '../../helpers/grip/node.ts'
import { RawClient } from '../../helpers/raw-client.ts'

let node: GripNode
before(async () => {
  // Nobody listens there.
  node = await startGripNode('*,path_beg=/both 127.0.0.1:1 127.0.0.1:1,over_http\n* 127.0.0.1:1,over_http\n')
})
after(() => node.stop())

const events = 'Content-Type: application/websocket-events'
const plain = 'Content-Type: text/plain'
const claims: readonly (readonly [name: string, path: string, headers: string, status: number])[] = [
  ['as their type', '/', events, 403],
  ['as the second type', '/', `${plain}\r\n${events}`, 403],
  ['as the first type', '/', `${events}\r\n${plain}`, 403],
  ['in a list of types', '/', `${plain}, application/websocket-events`, 403],
  ['where a target speaks them that is not the first', '/both', events, 403],
  ['not at all', '/', plain, 502],
]

for (const [name, path, headers, status] of claims) {
  test(`events that are told ${name} are answered ${status}`, async t => {
    const client = new RawClient(node.client)
    t.after(() => client.leave())
    client.send(
      `POST ${path} HTTP/1.1\r\nHost: x\r\n${headers}\r\nConnection: close\r\nContent-Length: 6\r\n\r\nOPEN\r\n`,
    )
    await client.ended()
    deepEqual(client.statuses, [status])
  })
}
