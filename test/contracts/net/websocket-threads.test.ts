// WebSockets of child Apps in other threads, which get their connections from an acceptor here: by port and by path.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { Worker } from 'node:worker_threads'
import { type Acceptor, openAcceptor } from '../../../src/net/acceptor.ts'
import { loadUws } from '../../../src/net/uws.ts'
import type { Address } from '../../../src/std/address.ts'
import { RawClient } from '../../helpers/raw-client.ts'
import { handshake, opcode, RawWebSocket } from '../../helpers/raw-websocket.ts'

interface Thread {
  /** Once the acceptor leads nowhere any more. */
  end(): Promise<unknown>
}

async function startThread(acceptor: Acceptor): Promise<Thread> {
  const worker = new Worker(new URL('./fixtures/echo-thread.ts', import.meta.url))
  const descriptor = await new Promise<number>(resolve => worker.once('message', resolve))
  acceptor.add(descriptor)
  return {
    async end() {
      acceptor.remove(descriptor)
      const exited = new Promise(resolve => worker.once('exit', resolve))
      worker.postMessage('end')
      return exited
    },
  }
}

async function open(t: TestContext, address: Address): Promise<Acceptor> {
  const acceptor = openAcceptor(await loadUws(), address)
  if (typeof acceptor === 'string') throw new Error(acceptor)
  t.after(() => acceptor.close())
  return acceptor
}

const places: Record<string, (t: TestContext) => Address> = {
  'a port': () => ({ host: '127.0.0.1', port: 0 }),
  'a path': t => {
    const directory = mkdtempSync(join(tmpdir(), 'ringcast-'))
    t.after(() => rmSync(directory, { recursive: true }))
    return { host: '', port: 0, path: join(directory, 'a.sock') }
  },
}

for (const [name, place] of Object.entries(places)) {
  test(`sockets on ${name} are served by two threads, accepted at once and later, and end with them`, async t => {
    const acceptor = await open(t, place(t))
    const threads = [await startThread(acceptor), await startThread(acceptor)]
    const sockets: RawWebSocket[] = []
    for (let i = 0; i < 40; i++) {
      const client = new RawClient(acceptor.address)
      t.after(() => client.leave())
      sockets.push(await new RawWebSocket(client).open(handshake(i % 3 === 0 ? '/late' : '/')))
    }
    for (const [i, socket] of sockets.entries()) {
      socket.send(opcode.text, `hello ${i}`)
      socket.send(opcode.binary, Buffer.alloc(70_000, i))
    }
    for (const [i, socket] of sockets.entries()) {
      equal((await socket.frame(0)).payload.toString(), `hello ${i}`)
      ok((await socket.frame(1)).payload.equals(Buffer.alloc(70_000, i)))
    }
    for (const thread of threads) equal(await thread.end(), 0)
    for (const socket of sockets) equal(await socket.closed(), undefined)
    const late = new RawClient(acceptor.address).send(handshake())
    acceptor.close()
    await late.ended()
    deepEqual(late.statuses, [])
  })
}
