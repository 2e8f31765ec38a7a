// ZeroMQ on a running node: its thread ends in good order, is replaced where it fails, and outlives workers; a node without its
// settings has none; what cannot be had is said at the start.
import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { Push } from 'zeromq'
import { startCommand } from '../../helpers/command.ts'
import { launch } from '../../helpers/daemon.ts'
import { demand } from '../../helpers/faulty/demand.ts'
import { ends, playEnds } from '../../helpers/grip/zmq-ends.ts'
import { type GripStage, gripEnvironment, startGrip } from '../../helpers/grip-stage.ts'
import type { RawClient } from '../../helpers/raw-client.ts'
import { until } from '../../helpers/until.ts'

const faulty = new URL('../../helpers/faulty/main.ts', import.meta.url)

function folderFor(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'zmq-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

function pusher(t: TestContext, spec: string): (channel: string, content: string) => Promise<void> {
  const push = new Push({ linger: 0 })
  t.after(() => push.close())
  push.connect(spec)
  return (channel, content) =>
    push.send(`J${JSON.stringify({ channel, formats: { 'http-stream': { content } } })}`)
}

async function hold(stage: GripStage, channel: string): Promise<RawClient> {
  const client = stage.get(`/stream?channel=${channel}`)
  equal((await client.head()).status, 200)
  equal(String(await client.chunk()), '[stream opened]\n')
  return client
}

describe('the thread of ZeroMQ', { concurrency: 2 }, () => {
  // A soak ends a hundred of each.
  for (const how of ends) test(`ends in good order: ${how}`, t => playEnds(t, how, 1))

  test('goes on with a worker that takes the place of one that died', async t => {
    const spec = `ipc://${folderFor(t)}/pull`
    const stage = await startGrip(t, {
      routes: '* test',
      workers: 2,
      main: faulty,
      environment: { RINGCAST_ONLY: 'grip,faulty', RINGCAST_GRIP_ZMQ_PULL: spec },
    })
    const push = pusher(t, spec)
    for (const slot of [0, 1]) {
      const before = stage.daemon.log.filter(({ msg }) => msg === 'a new worker serves').length
      await demand(stage.daemon, slot, '/throw/turn')
      await until(
        'another worker',
        () => stage.daemon.log.filter(({ msg }) => msg === 'a new worker serves').length > before,
      )
      // Channels of both workers.
      for (const channel of ['a', 'b', 'c', 'd']) {
        const client = await hold(stage, `${channel}${slot}`)
        await push(`${channel}${slot}`, 'still here\n')
        equal(String(await client.chunk()), 'still here\n')
      }
    }
    equal(await stage.daemon.stop(), 0)
  })

  test('gives its files the bits that are asked for in a folder that it makes, takes what is pushed, and counts what is no item', async t => {
    const folder = folderFor(t)
    const spec = `ipc://${folder}/new/pull`
    const stage = await startGrip(t, {
      routes: '* test',
      environment: { RINGCAST_GRIP_ZMQ_PULL: spec, RINGCAST_GRIP_ZMQ_IPC_MODE: '600' },
    })
    equal(statSync(join(folder, 'new/pull')).mode & 0o777, 0o600)
    const client = await hold(stage, 'pushed')
    const command = startCommand(['pub', '--grip', '--spec', spec, 'pushed', 'by command'])
    deepEqual([await command.ended, command.out(), command.errors()], [0, 'Published\n', ''])
    equal(String(await client.chunk()), 'by command\n')
    const push = new Push({ linger: 0 })
    t.after(() => push.close())
    push.connect(spec)
    await push.send('junk')
    await push.send(['two', 'frames'])
    await until('both to be counted', async () => (await stage.count('zmqInvalid')) === 2)
    ok(stage.daemon.log.some(({ code }) => code === 'zmq-invalid'))
    equal(await stage.daemon.stop(), 0)
  })

  test('is not there, nor its package, without its settings', async t => {
    const stage = await startGrip(t, { routes: '* test' })
    const threads = readdirSync(`/proc/${stage.daemon.pid}/task`).map(task =>
      readFileSync(`/proc/${stage.daemon.pid}/task/${task}/comm`, 'utf8'),
    )
    ok(!threads.some(name => /ZMQ/.test(name)), threads.join(''))
    ok(!/zeromq/.test(readFileSync(`/proc/${stage.daemon.pid}/maps`, 'utf8')))
    equal(await stage.daemon.stop(), 0)
  })

  test('says at the start what it cannot have', async t => {
    const taken = createServer().listen(0, '127.0.0.1')
    t.after(() => taken.close())
    await until('the port', () => taken.listening)
    const address = taken.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const rows: readonly (readonly [environment: object, line: RegExp])[] = [
      [{ RINGCAST_GRIP_ZMQ_PULL: `tcp://127.0.0.1:${port}` }, /ZeroMQ: tcp:.* cannot be bound/],
      [{ RINGCAST_GRIP_ZMQ_PULL: 'nowhere' }, /neither tcp:\/\/host:port nor ipc/],
      [
        { RINGCAST_MODE: 'development', RINGCAST_GRIP_ZMQ_COMMAND: 'tcp://0.0.0.0:0' },
        /development listens on loopback addresses only/,
      ],
    ]
    for (const [environment, line] of rows) {
      const daemon = launch({ workers: 1, environment: { ...gripEnvironment, ...environment } })
      t.after(() => daemon.process.kill('SIGKILL'))
      equal(await daemon.ended, 1)
      match(daemon.errors.join('\n'), line)
    }
  })
})
