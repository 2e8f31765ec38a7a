// A worker's end of the line to the thread of ZeroMQ: what is said to a thread that has come, and what is done without one.
import { deepEqual, equal } from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'
import { StoredBytes } from '../../../../src/frontends/grip/hold/stored-bytes.ts'
import { ThreadEnd } from '../../../../src/frontends/grip/zmq/thread-end.ts'
import type { SidePort } from '../../../../src/frontends/side.ts'
import { FakeClock } from '../../../helpers/fake-clock.ts'

const asked = { spec: 'ipc:///b', method: 'GET', uri: 'http://t/', rawHeaders: [], isUntrusted: false }

const port: SidePort = { send() {}, receive() {}, onClosed() {}, close() {} }

describe('without the thread of ZeroMQ', () => {
  let wanted: number
  let joins: number
  let heard: string[]
  let end: ThreadEnd
  beforeEach(() => {
    wanted = 0
    joins = 0
    heard = []
    end = new ThreadEnd({
      clock: new FakeClock(),
      engine: { publish: () => {} },
      tellsInterest: false,
      hasOwnChannels: false,
      callsMax: 9,
      stored: new StoredBytes(() => 100),
      counters: { publishes: 0, zmqInvalid: 0, zmqRefused: 0, zmqLost: 0, zmqStatisticsDropped: 0 },
      observer: () => ({ published() {}, renew: () => joins++ }),
      wantThread: () => wanted++,
    })
    end.want(['ipc:///b'])
  })

  async function call(): Promise<void> {
    const handlers = { onHead() {}, onBody: () => true, onEnd() {} }
    end.call(asked, { ...handlers, onFailure: ({ code }) => void heard.push(code) })
    await undefined
  }

  test('a request for a backend fails at once, and waits again when the thread was wanted anew', async () => {
    await call()
    deepEqual(heard, [])
    end.refused()
    await call()
    deepEqual(heard, ['zmq-missing', 'zmq-missing'])
    end.want(['ipc:///b'])
    equal(wanted, 2)
    await call()
    equal(heard.length, 2)
  })

  test('it comes at last, and so does whoever has to be told everything', () => {
    end.refused()
    equal(joins, 0)
    end.joined(port)
    end.joined(port)
    equal(joins, 2)
  })
})
