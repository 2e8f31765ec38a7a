// A process that hands its listening sockets to the next one: nobody who connects meanwhile is refused or reset.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { freePorts } from '../../helpers/proxies.ts'
import { RawClient } from '../../helpers/raw-client.ts'
import { until } from '../../helpers/until.ts'

const get = 'GET /a HTTP/1.1\r\nHost: t\r\n\r\n'
const script = new URL('./fixtures/generation.ts', import.meta.url).pathname

interface Scene {
  readonly first: ChildProcess
  /** Of two acceptors, then of two gates; a port and a path each. */
  readonly places: readonly ({ readonly port: number } | { readonly path: string })[]
  readonly paths: readonly string[]
}

async function start(t: TestContext): Promise<Scene> {
  const folder = mkdtempSync(join(tmpdir(), 'handed-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const [a = 0, b = 0] = await freePorts(2)
  const paths = [join(folder, 'a.sock'), join(folder, 'b.sock')] as const
  const [ofAcceptors, ofGates] = [`127.0.0.1:${a},unix:${paths[0]}`, `127.0.0.1:${b},unix:${paths[1]}`]
  const first = spawn(process.execPath, [script, '0', '0', ofAcceptors, ofGates], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    // The next ones are its children, and end with their group.
    detached: true,
  })
  t.after(() => {
    if (first.pid !== undefined && first.exitCode === null) process.kill(-first.pid, 'SIGKILL')
  })
  deepEqual(await once(first, 'message'), [{ untaken: [] }, undefined])
  return { first, places: [{ port: a }, { path: paths[0] }, { port: b }, { path: paths[1] }], paths }
}

/** Who answered, or how it failed. */
async function ask(place: Scene['places'][number]): Promise<string> {
  const client = new RawClient(place).send(get)
  await client
    .waitFor('an answer or the end', () => client.closed || client.statuses.length > 0)
    .catch(() => {})
  if (client.size === 0) return client.failure ?? 'closed'
  const { body } = await client.answer()
  client.leave()
  return body.toString()
}

describe('sockets that are handed on', () => {
  test('lose nobody over four generations, on ports and paths, of acceptors and of gates', async t => {
    const { first, places } = await start(t)
    const generations = 4
    const each = 60
    const answers: Record<string, number> = {}
    const news: { sockets: number }[] = []
    first.on('message', message => news.push(message as { sockets: number })) // as the fixture tells
    let asked = 0
    let isOver = false
    const lanes = places.flatMap(place =>
      [0, 1].map(async () => {
        while (!isOver) {
          const answer = await ask(place)
          answers[answer] = (answers[answer] ?? 0) + 1
          asked++
        }
      }),
    )
    for (let next = 1; next < generations; next++) {
      const before = asked
      await until('some to ask', () => asked >= before + each)
      first.send({ next: String(next) })
      await until('the hand-over', () => news.length === next)
    }
    const before = asked
    await until('some to ask', () => asked >= before + each)
    isOver = true
    await Promise.all(lanes)
    // Two of the gate's port, which share it, and one of each other.
    deepEqual(
      news.map(({ sockets }) => sockets),
      [5, 5, 5],
    )
    deepEqual(Object.keys(answers).sort(), ['0', '1', '2', '3'], JSON.stringify(answers))
    for (const place of places) equal(await ask(place), '3')
    ok(asked > generations * each)
  })
})
