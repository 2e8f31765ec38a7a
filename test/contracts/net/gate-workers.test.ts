// Workers that share a port: what becomes of connections when one of them retires or ends.
import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { once } from 'node:events'
import { describe, type TestContext, test } from 'node:test'
import { Worker } from 'node:worker_threads'
import { type AddressLock, claimAddress } from '../../../src/net/gate/address-lock.ts'
import type { Address } from '../../../src/std/address.ts'
import { loopback } from '../../helpers/gate.ts'
import { RawClient } from '../../helpers/raw-client.ts'

const get = 'GET /a HTTP/1.1\r\nHost: t\r\n\r\n'

async function claim(t: TestContext, address: Address = loopback): Promise<AddressLock> {
  const lock = await claimAddress(address)
  ok(typeof lock !== 'string', String(lock))
  t.after(() => lock.release())
  return lock
}

async function startThread(t: TestContext, address: Address, name: string): Promise<Worker> {
  const worker = new Worker(new URL('./fixtures/gate-thread.ts', import.meta.url), {
    workerData: { address, name },
  })
  t.after(() => worker.terminate())
  deepEqual(await once(worker, 'message'), ['listening'])
  return worker
}

/** Who served a fresh connection. */
async function ask(address: Address): Promise<string> {
  const client = new RawClient(address).send(get)
  const { body } = await client.answer()
  client.leave()
  return body.toString()
}

/**
 * Who connects between the last look of a door and its close is reset (rule 13 of the gate's README). That is microseconds, and
 * as much more as the thread is kept from a processor just then: on a busy machine one round of twelve. Three in a row are no chance.
 */
const roundsMax = 3

/** How those were lost who connected while a worker retired. */
async function retireAmidMany(t: TestContext): Promise<readonly string[]> {
  const { address, served: held } = await claim(t)
  const [a] = await Promise.all([startThread(t, address, 'a'), startThread(t, address, 'b')])
  await held()
  const retired = once(a, 'message')
  const lost: string[] = []
  const lanes = Array.from({ length: 8 }, async (_, lane) => {
    for (let count = 0; count < 50; count++) {
      if (lane === 0 && count === 15) a.postMessage('retire')
      const client = new RawClient(address).send(get)
      await client
        .waitFor('an answer or the end', () => client.closed || client.bytes.length > 0)
        .catch(() => {})
      // One that was accepted is answered.
      if (client.failure === 'ECONNRESET' && client.size === 0) lost.push(client.failure)
      else await client.answer()
      client.leave()
    }
  })
  await Promise.all(lanes)
  match(String(await retired), /retired/)
  return lost
}

describe('workers', () => {
  test('share a port; when one retires no connection is lost', async t => {
    const { address, served: held } = await claim(t)
    const [a, b] = await Promise.all([startThread(t, address, 'a'), startThread(t, address, 'b')])
    await held()
    const served: Record<string, number> = { a: 0, b: 0 }
    for (let count = 0; count < 1_000; count++) {
      if (count === 300) a.postMessage('retire')
      const name = await ask(address)
      served[name] = (served[name] ?? 0) + 1
    }
    ok((served['a'] ?? 0) > 0 && (served['b'] ?? 0) > 700, JSON.stringify(served))
    equal(Object.keys(served).length, 2)
    b.postMessage('retire')
    await once(b, 'message')
    const late = new RawClient(address)
    await late.ended()
    equal(late.failure, 'ECONNREFUSED')
  })

  test('lose nothing either when many come at once', async t => {
    let lost = await retireAmidMany(t)
    for (let round = 1; lost.length > 0 && round < roundsMax; round++) lost = await retireAmidMany(t)
    deepEqual(lost, [])
  })

  test('that ended while they listened leave the port to others', async t => {
    const { address, served: held } = await claim(t)
    const [a] = await Promise.all([startThread(t, address, 'a'), startThread(t, address, 'b')])
    await held()
    await a.terminate()
    for (let count = 0; count < 20; count++) equal(await ask(address), 'b')
  })
})
