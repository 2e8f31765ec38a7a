// What Prometheus ports tell (contract §6.9): five families, of all workers.
import { deepEqual, equal } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { exposition, Totals } from '../../../../src/frontends/grip/control/prometheus.ts'
import { content } from '../hold/given-hold.ts'
import { Scene } from '../proxy/given-gateway.ts'

const one = { requests: 3, connections: 2, connectedMs: 59_000, received: 4, sent: 5 }

describe('a port for Prometheus', () => {
  test('tells five families, with their prefix', () => {
    equal(
      exposition('p_', { ...one, connectedMs: 61_000 }),
      `# HELP p_request_received Number of requests received
# TYPE p_request_received counter
p_request_received 3
# HELP p_connection_connected Number of concurrent connections
# TYPE p_connection_connected gauge
p_connection_connected 2
# HELP p_connection_minute Number of minutes clients have been connected
# TYPE p_connection_minute counter
p_connection_minute 1
# HELP p_message_received Number of messages received by the publish API
# TYPE p_message_received counter
p_message_received 4
# HELP p_message_sent Number of messages sent to clients
# TYPE p_message_sent counter
p_message_sent 5
`,
    )
  })

  test('sums up all workers, one that was replaced included', () => {
    const totals = new Totals()
    deepEqual(
      totals.of(
        new Map([
          [0, one],
          [1, one],
        ]),
      ),
      {
        requests: 6,
        connections: 4,
        connectedMs: 118_000,
        received: 8,
        sent: 10,
      },
    )
    const fresh = { requests: 1, connections: 1, connectedMs: 10, received: 0, sent: 1 }
    deepEqual(
      totals.of(
        new Map([
          [0, one],
          [1, fresh],
        ]),
      ),
      {
        requests: 7,
        connections: 3,
        connectedMs: 118_010,
        received: 8,
        sent: 11,
      },
    )
  })

  test('has what a worker counts of its clients', () => {
    const scene = new Scene()
    for (const mode of ['stream', 'response']) {
      scene.serve()
      scene.origin.last.answer(200, '', 'Grip-Hold', mode, 'Grip-Channel', 'a')
    }
    scene.serve()
    scene.origin.last.answer(200, 'plain')
    scene.mesh.settle()
    scene.pass(30_000)
    scene.publish(content('x'))
    const { connectedMs, ...counts } = scene.tally.report
    deepEqual(counts, { requests: 3, connections: 2, received: 0, sent: 1 })
    equal(connectedMs, 60_000)
  })
})
