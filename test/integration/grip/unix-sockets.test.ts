// Doors for clients on unix sockets: with the mode that is asked for, and never taken from who lives.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { launch } from '../../helpers/daemon.ts'
import { startGripNode } from '../../helpers/grip/node.ts'
import { RawClient } from '../../helpers/raw-client.ts'
import { encodeRequest } from '../../helpers/raw-http.ts'
import { RawOrigin } from '../../helpers/raw-origin.ts'

function folderFor(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'grip-doors-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

describe('the door on a unix socket', () => {
  test('serves with the mode that is asked for, and no address of the client', async t => {
    const folder = folderFor(t)
    const [path, open] = [join(folder, 'a.sock'), join(folder, 'b.sock')]
    const origin = await RawOrigin.open()
    t.after(() => origin.close())
    const node = await startGripNode(`* test\no ${origin.address}\n`, {
      environment: {
        RINGCAST_GRIP_LOCAL_LISTEN: `${path},${open}?mode=606`,
        RINGCAST_GRIP_X_FORWARDED_FOR: 'append',
      },
    })
    deepEqual(
      [path, open].map(each => (statSync(each).mode & 0o777).toString(8)),
      ['660', '606'],
    )
    for (const each of [path, open]) {
      const stream = new RawClient({ path: each })
      t.after(() => stream.leave())
      stream.send(encodeRequest({ method: 'GET', target: '/stream' }))
      equal((await stream.head()).status, 200)
      equal(String(await stream.chunk()), '[stream opened]\n')
      await node.publish('test', { 'http-stream': { content: 'hello\n' } })
      equal(String(await stream.chunk()), 'hello\n')
    }
    const asked = new RawClient({ path })
    asked.send(
      encodeRequest({
        method: 'GET',
        target: '/x',
        headers: [
          ['host', 'o'],
          ['x-forwarded-for', '10.0.0.1'],
        ],
      }),
    )
    equal((await asked.answer()).status, 200)
    asked.leave()
    const [request] = origin.received('/x')
    const forwarded = request?.headers.filter(([name]) => name.toLowerCase() === 'x-forwarded-for')
    deepEqual(
      forwarded?.map(([, value]) => value),
      ['10.0.0.1'],
      'nothing to append',
    )
    await node.stop()
    equal(existsSync(path), false, 'it goes with the node')
  })

  test('is taken over from a node that died, and from nobody who lives', async t => {
    const path = join(folderFor(t), 'a.sock')
    const environment = { RINGCAST_GRIP_LOCAL_LISTEN: path }
    const first = await startGripNode('* test\n', { environment })
    t.after(() => first.daemon.process.kill('SIGKILL'))
    const refused = launch({
      environment: { RINGCAST_ONLY: 'grip', RINGCAST_GRIP_LISTEN: '127.0.0.1:0', ...environment },
    })
    equal(await refused.ended, 1)
    ok(
      refused.errors.some(line => line.includes(path)),
      refused.errors.join('\n'),
    )
    first.daemon.process.kill('SIGKILL')
    await first.daemon.ended
    const second = await startGripNode('* test\n', { environment })
    t.after(() => second.stop())
    const client = new RawClient({ path }).send(encodeRequest({ method: 'GET', target: '/' }))
    equal((await client.answer()).status, 200)
    client.leave()
  })

  test('that was there and is a file of somebody stays', async t => {
    const path = join(folderFor(t), 'a.sock')
    writeFileSync(path, 'precious')
    const daemon = launch({
      environment: {
        RINGCAST_ONLY: 'grip',
        RINGCAST_GRIP_LISTEN: '127.0.0.1:0',
        RINGCAST_GRIP_LOCAL_LISTEN: path,
      },
    })
    equal(await daemon.ended, 1)
    equal(statSync(path).size, 8)
  })
})
