// The connection of a thread with itself that keeps the library quiet where handshakes are accepted late.
import { deepEqual, equal } from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { describe, type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { type CorkHolder, openCorkHolder } from '../../../src/net/cork-holder.ts'
import { loadUws, type Response, type Uws } from '../../../src/net/uws.ts'
import { type Clock, systemClock } from '../../../src/std/clock.ts'
import { systemRandom } from '../../../src/std/random.ts'
import { FakeClock } from '../../helpers/fake-clock.ts'
import { RawClient } from '../../helpers/raw-client.ts'
import { handshake, RawWebSocket } from '../../helpers/raw-websocket.ts'
import { until } from '../../helpers/until.ts'

/** Each alone, so that no other connection can be of help. */
const passing = 200

/** What a process writes to stderr while clients come, are accepted in a later turn, and leave. */
async function complaints(t: TestContext, mode: 'with' | 'without'): Promise<string> {
  const path = fileURLToPath(new URL('./fixtures/late-sockets.ts', import.meta.url))
  const child = spawn(process.execPath, [path, mode], { stdio: ['pipe', 'pipe', 'pipe'] })
  t.after(() => child.kill('SIGKILL'))
  const [errors, ended] = [text(child.stderr), once(child, 'exit')]
  const [line] = await once(child.stdout, 'data')
  for (let i = 0; i < passing; i++) {
    const client = new RawClient({ host: '127.0.0.1', port: Number(line) })
    equal((await new RawWebSocket(client).open(handshake())).header('x-own'), 'yes')
    client.leave()
  }
  child.stdin.end()
  deepEqual(await ended, [0, null])
  return errors
}

/** The library, told of what a holder does with it. */
async function watched(t: TestContext, clock: Clock = systemClock) {
  const uws = await loadUws()
  const ports: number[] = []
  const apps: ReturnType<Uws['App']>[] = []
  let left = 0
  const seen: { readonly ports: number[]; readonly left: () => number; listened: (port: number) => void } = {
    ports,
    left: () => left,
    listened() {},
  }
  const own: Uws = {
    ...uws,
    App() {
      const app = uws.App()
      apps.push(app)
      return app
    },
    us_socket_local_port(socket) {
      const port = uws.us_socket_local_port(socket)
      ports.push(port)
      seen.listened(port)
      return port
    },
    us_listen_socket_close(socket) {
      left++
      uws.us_listen_socket_close(socket)
    },
  }
  const open = (): CorkHolder => {
    const holder = openCorkHolder(own, clock, systemRandom)
    t.after(() => holder.close())
    return holder
  }
  return { seen, open, cut: () => apps[0]?.close() }
}

const isListening = async (port: number) => {
  const client = new RawClient({ host: '127.0.0.1', port })
  await client.ended()
  return client.statuses.length > 0
}

describe('a cork holder', () => {
  test('keeps the library quiet where handshakes are accepted late', async t => {
    equal(await complaints(t, 'with'), '')
  })

  test('is there because the library complains of each without it', async t => {
    const lines = (await complaints(t, 'without')).split('\n').filter(line => line !== '')
    deepEqual([...new Set(lines.map(line => line.slice(0, 37)))], ['Warning: uWS.HttpResponse writes must'])
    equal(lines.length >= passing, true, `${lines.length} lines`)
  })

  test('listens until its own request has come, and strangers who find the port are turned away', async t => {
    const { seen, open } = await watched(t)
    const strangers: RawClient[] = []
    seen.listened = port => {
      // Before the holder itself has connected.
      strangers.push(new RawClient({ host: '127.0.0.1', port }).send('GET / HTTP/1.1\r\nhost: t\r\n\r\n'))
    }
    await open().ready
    const [stranger] = strangers
    await stranger?.ended()
    deepEqual(stranger?.statuses, [])
    deepEqual([seen.ports.length, seen.left()], [1, 1])
    equal(await isListening(seen.ports[0] ?? 0), false)
  })

  test('comes back a second after it was cut from outside, and not after it was closed', async t => {
    const clock = new FakeClock()
    const { seen, open, cut } = await watched(t, clock)
    const holder = open()
    await holder.ready
    cut()
    clock.advance(999)
    equal(seen.ports.length, 1)
    clock.advance(1)
    await until('another connection', () => seen.left() === 2)
    holder.close()
    holder.close()
    clock.advance(1_000)
    equal(seen.ports.length, 2)
  })

  test('may be closed while it is opened', async t => {
    const { seen, open } = await watched(t)
    const holder = open()
    holder.close()
    await holder.ready
    equal(seen.left(), 1)
    equal(await isListening(seen.ports[0] ?? 0), false)
    holder.close()
    equal(seen.left(), 1)
  })

  test('is waited for no longer than a second, and runs what it is given all the same', async t => {
    const clock = new FakeClock()
    const { open } = await watched(t, clock)
    const holder = open()
    clock.advance(1_000)
    await holder.ready
    let runs = 0
    holder.cork({} as Response, () => runs++) // never looked at where nothing is held
    equal(runs, 1)
  })
})
