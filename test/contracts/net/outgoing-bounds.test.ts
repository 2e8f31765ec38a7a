// Connections: how many, for how long, shared by whom; what waits for one; and who loads the library.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { describe, test } from 'node:test'
import { systemClock } from '../../../src/std/clock.ts'
import { collect } from '../../helpers/heap.ts'
import { getOf, Heard, openTestOrigins } from '../../helpers/outgoing.ts'
import { answering, openRawOrigin } from '../../helpers/outgoing-origin.ts'
import { until } from '../../helpers/until.ts'

const ok200 = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'

describe('connections to a target', () => {
  test('are opened up to the bound; calls beyond it wait their turn', async t => {
    const origins = await openTestOrigins(t, { connectionsMax: 2 })
    const origin = await openRawOrigin(t)
    const calls = [1, 2, 3, 4].map(() => new Heard(origins, getOf(origin.port)))
    const [first, second] = [await origin.connection(0), await origin.connection(1)]
    await first.received()
    await second.received()
    first.say(ok200)
    await first.received()
    deepEqual([origin.connections.length, origins.connections], [2, 2])
    second.say('HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
    const third = await origin.connection(2)
    await third.received()
    first.say(ok200)
    third.say(ok200)
    for (const call of calls) await call.ended()
    equal(origin.connections.length, 3)
  })

  test('that are all in use for too long fail who waits, and more than ten may not wait for each', async t => {
    const origins = await openTestOrigins(t, { connectionsMax: 1, connectMs: 300 })
    const origin = await openRawOrigin(t)
    const held = new Heard(origins, getOf(origin.port))
    await (await origin.connection()).received()
    const waiting = Array.from({ length: 10 }, () => new Heard(origins, getOf(origin.port)))
    const tooMany = new Heard(origins, getOf(origin.port))
    const { phase, code } = await tooMany.failed()
    deepEqual([phase, code], ['connecting', 'origin-busy'])
    equal(
      waiting.some(one => one.isOver),
      false,
    )
    for (const one of waiting) equal((await one.failed()).code, 'origin-busy')
    equal(held.isOver, false)
  })

  test('are not taken by what was aborted while it waited', async t => {
    const origins = await openTestOrigins(t, { connectionsMax: 1 })
    const origin = await openRawOrigin(t)
    const held = new Heard(origins, getOf(origin.port))
    const aborted = new Heard(origins, getOf(origin.port, { path: '/aborted' }))
    const last = new Heard(origins, getOf(origin.port, { path: '/last' }))
    const connection = await origin.connection()
    await connection.received()
    aborted.call.abort()
    connection.say(ok200)
    ok((await connection.received()).startsWith('GET /last '))
    connection.say(ok200)
    await last.ended()
    deepEqual([held.ends, aborted.isOver], [1, false])
  })

  test('that were aborted make room for who waits', async t => {
    const origins = await openTestOrigins(t, { connectionsMax: 1 })
    const origin = await openRawOrigin(t, { serve: answering(ok200) })
    const silent = await openRawOrigin(t)
    const target = { host: '127.0.0.1', port: silent.port }
    const held = new Heard(origins, getOf(0, { target }))
    const next = new Heard(origins, getOf(0, { target }))
    await silent.connection()
    held.call.abort()
    await (await silent.connection(1)).received()
    next.call.abort()
    await new Heard(origins, getOf(origin.port)).ended()
    equal(origins.targets, 1)
  })

  test('are shared by calls to the same target alone', async t => {
    const origins = await openTestOrigins(t)
    const origin = await openRawOrigin(t, { host: '0.0.0.0', serve: answering(ok200) })
    for (const host of ['127.0.0.1', '127.0.0.2', '127.0.0.1']) {
      await new Heard(origins, getOf(0, { target: { host, port: origin.port } })).ended()
    }
    deepEqual([origin.connections.length, origins.targets], [2, 2])
  })

  test('are closed when nobody used them for 4 s, and then the target is forgotten', async t => {
    const origins = await openTestOrigins(t)
    const origin = await openRawOrigin(t, { serve: answering(ok200) })
    await new Heard(origins, getOf(origin.port)).ended()
    const began = systemClock.now()
    equal(origins.connections, 1)
    await until('no connection', () => origins.connections === 0)
    ok(systemClock.now() - began > 3_000)
    equal(origins.targets, 0)
    await until('the close', () => origin.connections[0]?.isClosed)
  })

  test('of all targets are at most 256 while nobody uses them: the oldest closes', async t => {
    const origins = await openTestOrigins(t, { connectionsMax: 300 })
    const origin = await openRawOrigin(t)
    const calls = Array.from({ length: 260 }, () => new Heard(origins, getOf(origin.port)))
    await until('all connections', () => origin.connections.length === 260)
    for (const connection of origin.connections) {
      await connection.received()
      connection.say(ok200)
    }
    for (const call of calls) await call.ended()
    await until('the bound', () => origins.connections <= 256)
    deepEqual([origins.connections, origin.connections[4]?.isClosed], [256, false])
  })

  test('and their calls end with close, and no call is made behind it', async t => {
    const origins = await openTestOrigins(t, { connectionsMax: 1 })
    const origin = await openRawOrigin(t)
    const calls = [new Heard(origins, getOf(origin.port)), new Heard(origins, getOf(origin.port))]
    await (await origin.connection()).received()
    origins.close()
    calls.push(new Heard(origins, getOf(origin.port)))
    for (const call of calls) equal((await call.failed()).code, 'node-closing')
    await until('the close', () => origin.connections[0]?.isClosed)
    equal(origins.targets, 0)
  })
})

test('500 origins that never answer take little, and calls to others go on', async t => {
  const origins = await openTestOrigins(t, { connectionsMax: 500 })
  const silent = await openRawOrigin(t, { host: '0.0.0.0' })
  const good = await openRawOrigin(t, { serve: answering(ok200) })
  await new Heard(origins, getOf(good.port)).ended()
  collect()
  const before = process.memoryUsage().heapUsed
  const held = Array.from({ length: 500 }, (_, number) => {
    const host = `127.0.${number >> 7}.${(number & 127) + 1}`
    return new Heard(origins, getOf(0, { target: { host, port: silent.port } }))
  })
  await until('all connections', () => silent.connections.length === 500)
  await new Heard(origins, getOf(good.port)).ended()
  collect()
  const each = (process.memoryUsage().heapUsed - before) / 500
  t.diagnostic(`${Math.round(each)} bytes each, with the silent side of it`)
  ok(each < 40_000, `${each} bytes each`)
  for (const { call } of held) call.abort()
  await until('no connection', () => origins.connections <= 1)
  ok(origins.targets <= 1)
})

/** What was thrown again outside of the library goes to the list. */
function catching(thrown: unknown[]) {
  const endOfTurn = (run: () => void) => {
    try {
      run()
    } catch (error) {
      thrown.push(error)
    }
  }
  return { ...systemClock, endOfTurn }
}

test('what throws in a handler ends its call, and is thrown again outside of the library', async t => {
  const thrown: unknown[] = []
  const origins = await openTestOrigins(t, { clock: catching(thrown) })
  const origin = await openRawOrigin(t, { serve: answering(ok200) })
  const bug = new Error('a bug')
  const throws = () => {
    throw bug
  }
  let ends = 0
  const onEnd = () => void ends++
  origins.call(getOf(origin.port), { onHead: throws, onBody: () => true, onEnd, onFailure: throws })
  await until('the bug', () => thrown.length > 0)
  await until('no connection', () => origins.connections === 0)
  deepEqual([thrown, ends], [[bug], 0])
  await new Heard(origins, getOf(origin.port)).ended()
})

test('what throws in the source of a body does likewise', async t => {
  const thrown: unknown[] = []
  const origins = await openTestOrigins(t, { clock: catching(thrown) })
  const origin = await openRawOrigin(t)
  const bug = new Error('a bug')
  const start = () => {
    throw bug
  }
  const body = { start, drained() {}, stop() {} }
  const heard = new Heard(origins, getOf(origin.port, { method: 'POST', body }))
  await until('the bug', () => thrown.length > 0)
  await until('no connection', () => origins.connections === 0)
  deepEqual([thrown, heard.isOver], [[bug], false])
})

test('the library is loaded when origins are opened, not before', () => {
  const script = `
    import { createRequire } from 'node:module'
    const { openOrigins } = await import('./src/net/outgoing/origins.ts')
    const { systemClock } = await import('./src/std/clock.ts')
    const loaded = () => Object.keys(createRequire(import.meta.url).cache).filter(path => path.includes('undici')).length
    const before = loaded()
    const origins = await openOrigins({ clock: systemClock, connectionsMax: 1 })
    console.log(before, loaded() > 0)
    origins.close()`
  const said = execFileSync(process.execPath, ['--input-type=module', '--eval', script], { encoding: 'utf8' })
  equal(said, '0 true\n')
})
