// Replays the table of starts: every row against the front-end's own reading, some with a process; then the life of
// one that starts, from its first line to SIGTERM.
import { deepEqual, equal, match } from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, test } from 'node:test'
import { frontend } from '../../../src/frontends/rpushd/frontend.ts'
import { program, runEnvironment } from '../../helpers/program.ts'
import { RawClient } from '../../helpers/raw-client.ts'
import { encodeRequest } from '../../helpers/raw-http.ts'
import { until } from '../../helpers/until.ts'
import { FrameStream } from './client.ts'
import { givenSecrets, type Start, starts } from './starts.ts'
import { claims as tokenClaims, tokenOf } from './vocabulary.ts'

const unixMs = Date.UTC(2026, 3, 18, 16, 30, 9, 123)

/** Undefined values are dropped, as an environment has none. */
function environmentOf({ given }: Start): Record<string, string> {
  const entries = Object.entries({ ...givenSecrets, ...given })
  return Object.fromEntries(entries.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))
}

describe('rpushd as its front-end reads it', () => {
  for (const row of starts) {
    test(`${row.name} (${row.from})`, () => {
      const reading = frontend.dropIn?.read(row.args ?? [], environmentOf(row), unixMs)
      const { expect } = row
      if ('status' in expect) {
        const line = expect.bare ? expect.message : `2026-04-18T16:30:09.123000Z ERROR ${expect.message}`
        return deepEqual(reading, { ok: false, lines: [line], status: expect.status })
      }
      const environment = reading?.ok ? reading.environment : {}
      const seen = Object.keys(expect.settings).map(name => [name, environment[name]])
      deepEqual(Object.fromEntries(seen), expect.settings)
    })
  }
})

interface Run {
  readonly process: ChildProcess
  readonly ended: Promise<number | NodeJS.Signals>
  output(): string
  errors(): string
}

function run(args: readonly string[], environment: Readonly<Record<string, string>>): Run {
  const env = { ...runEnvironment, ...environment }
  const child = spawn(process.execPath, [program.pathname, 'rpushd', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env,
  })
  let [output, errors] = ['', '']
  child.stdout.on('data', bytes => (output += bytes))
  child.stderr.on('data', bytes => (errors += bytes))
  const ended = once(child, 'close').then(([code, signal]) => signal ?? code)
  return { process: child, ended, output: () => output, errors: () => errors }
}

describe('rpushd as a process', () => {
  for (const row of starts.filter(({ asProcess }) => asProcess)) {
    test(`${row.name} (${row.from})`, async () => {
      const { expect } = row
      if (!('status' in expect)) throw new Error('only refusals are shown by a process')
      const { ended, output, errors } = run(row.args ?? [], environmentOf(row))
      equal(await ended, expect.status)
      const time = expect.bare ? '' : '\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{6}Z ERROR '
      match(output(), new RegExp(`^${time}`))
      equal(output().replace(new RegExp(`^${time}`), ''), `${expect.message}\n`)
      equal(errors(), '')
    })
  }

  test('it serves the protocol alone, and SIGTERM ends each stream with its last chunk', async t => {
    const node = run([], { ...givenSecrets, RPUSHD_LISTEN: '127.0.0.1:0', RINGCAST_WORKERS: '1' })
    t.after(() => node.process.kill('SIGKILL'))
    await until('it to be ready', () => node.output().includes('"ready"') || node.errors())
    equal(node.errors(), '')
    const lines = node
      .output()
      .trim()
      .split('\n')
      .map(line => JSON.parse(line))
    const listening = lines.filter(({ msg }) => msg === 'listening')
    deepEqual(
      listening.map(({ protocol }) => protocol),
      ['rpushd'],
    )
    const connection = new RawClient(listening[0].address)
    t.after(() => connection.leave())
    const body = `{"token":"${tokenOf(tokenClaims('a'), givenSecrets['RPUSHD_SECRET'])}"}`
    const headers = [['content-type', 'application/json']] as const
    connection.send(encodeRequest({ method: 'POST', target: '/api/stream/a', headers, body }))
    equal((await connection.head()).status, 200)
    node.process.kill('SIGTERM')
    const payloads = await new FrameStream(connection).read(Number.POSITIVE_INFINITY)
    deepEqual(
      payloads.map(({ length }) => length),
      [0, 0],
    )
    // The reader took the size of the last chunk; the empty line that ends the body follows it.
    equal((await connection.ended()).toString(), '\r\n')
    equal(await node.ended, 0)
  })
})
