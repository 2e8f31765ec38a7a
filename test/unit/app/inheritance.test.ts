// Sockets that a node was handed: how many there are, which worker of a gate has which, and what the node hands on.
import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { sharesOf } from '../../../src/app/gate-shares.ts'
import { Gates } from '../../../src/app/gates.ts'
import { Inheritance } from '../../../src/app/inheritance.ts'
import { Listeners } from '../../../src/app/listeners.ts'
import { socketCount, withoutSocketVariables } from '../../../src/app/socket-variables.ts'
import { WorkerGates } from '../../../src/app/worker-gates.ts'
import type { Frontend } from '../../../src/frontends/frontend.ts'
import { loadUws } from '../../../src/net/uws.ts'
import { formatAddress } from '../../../src/std/address.ts'
import { systemClock } from '../../../src/std/clock.ts'
import type { Log } from '../../../src/telemetry/log.ts'
import { freePorts } from '../../helpers/proxies.ts'

describe('the count of sockets', () => {
  test('is that of systemd where it is meant for this process, and that of a parent in front of it', () => {
    equal(socketCount({}, 7), 0)
    equal(socketCount({ LISTEN_FDS: '3', LISTEN_PID: '7' }, 7), 3)
    equal(socketCount({ LISTEN_FDS: '3', LISTEN_PID: '8' }, 7), 0)
    equal(socketCount({ LISTEN_FDS: '3', LISTEN_PID: '7', RINGCAST_HANDOVER_FDS: '4096' }, 7), 4_096)
  })

  test('is a number up to 4096, or refused', () => {
    for (const text of ['', '-1', '1.5', '4097', '9'.repeat(400)])
      match(String(socketCount({ RINGCAST_HANDOVER_FDS: text }, 7)), /no number up to 4096$/)
  })

  test('is told to nobody else', () => {
    const environment = {
      LISTEN_FDS: '1',
      LISTEN_PID: '1',
      LISTEN_FDNAMES: 'a',
      RINGCAST_HANDOVER_FDS: '1',
      A: 'b',
    }
    deepEqual(withoutSocketVariables(environment), { A: 'b' })
  })
})

describe('sockets of a gate', () => {
  const address = { host: '127.0.0.1', port: 1 }
  const shares = (inherited: readonly number[] | undefined, workers: number) =>
    Array.from({ length: workers }, (_, slot) =>
      sharesOf({ address, ...(inherited && { inherited }) }, { slot, workers }),
    )

  test('are all served, and by all workers, whichever are more', () => {
    deepEqual(shares([5, 6, 7, 8, 9], 2), [
      [5, 7, 9],
      [6, 8],
    ])
    deepEqual(shares([5, 6], 5), [[5], [6], [5], [6], [5]])
    deepEqual(shares([5], 1), [[5]])
  })

  test('are opened by the workers where there are none; a path by the first alone', () => {
    deepEqual(shares(undefined, 2), [[undefined], [undefined]])
    const path = { host: '', port: 0, path: '/a' }
    deepEqual(sharesOf({ address: path }, { slot: 1, workers: 2 }), [])
    deepEqual(sharesOf({ address: path, inherited: [5] }, { slot: 1, workers: 2 }), [5])
  })
})

test('a node finds all that it listens on, each socket once, and nothing else', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'inheritance-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const [a, b, c, d] = (await freePorts(4)).map(port => `localhost:${port}`)
  const log = {} as Log<string> // nothing is to be told
  const inheritance = await Inheritance.open({}, log)
  ok(typeof inheritance !== 'string')
  const { sockets: inherited } = inheritance
  const door = { setting: 'listen' }
  const listeners = new Listeners()
  const values = { a: { listen: a ?? '' }, b: { listen: `unix:${folder}/b` }, c: { listen: b ?? '' } }
  const reachable = ['a', 'b'].map(name => ({ name, doors: [door] }))
  const terms = { values, workers: 2, early: {}, inherited }
  equal(await listeners.open(await loadUws(), reachable, terms), undefined)
  equal(listeners.listen(), undefined)
  t.after(() => listeners.close())
  const gates = new Gates()
  const gate = {
    name: 'c',
    section: { fields: {} },
    doors: [{ ...door, isGate: true }],
  } as unknown as Frontend // all that is asked
  equal(await gates.claim([gate], values, inherited), undefined)
  t.after(() => gates.release())
  for (const slot of [0, 1]) {
    const worker = new WorkerGates(systemClock, log, gates.addresses, { slot, workers: 2 })
    t.after(() => worker.close())
    worker.open('c', { '': { handle() {} } })
    await worker.listen()
  }
  const [host = '', port = ''] = (c ?? '').split(':')
  const own = createServer().listen(await inheritance.listenPlace({ host, port: Number(port) }))
  const strange = createServer().listen(Number(d?.split(':')[1]), '127.0.0.1')
  for (const server of [own, strange]) t.after(() => server.close())
  await Promise.all([own, strange].map(server => once(server, 'listening')))
  const found = await inheritance.own(listeners, gates)
  equal(new Set(found.map(({ descriptor }) => descriptor)).size, 5)
  const plain = (place = '') => place.replace('localhost', '127.0.0.1')
  const addresses = found.map(({ address }) => formatAddress(address).replace('[::1]', '127.0.0.1'))
  deepEqual(addresses.sort(), [a, b, b, c].map(plain).concat(`unix:${folder}/b`).sort())
})
