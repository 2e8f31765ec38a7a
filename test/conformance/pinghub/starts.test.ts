// Replays the table of starts: every row against the front-end's own reading; then processes, from their first line to
// their end.
import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { frontend } from '../../../src/frontends/pinghub/frontend.ts'
import { program, runEnvironment } from '../../helpers/program.ts'
import { RawClient } from '../../helpers/raw-client.ts'
import { RawWebSocket } from '../../helpers/raw-websocket.ts'
import { until } from '../../helpers/until.ts'
import { starts } from './starts.ts'

describe('pinghub as its front-end reads it', () => {
  for (const { args, expect, from, given = {}, name } of starts) {
    test(`${name} (${from})`, () => {
      const reading = frontend.dropIn?.read(args, given, 0)
      if ('status' in expect) {
        ok(reading?.ok === false)
        const [first = '', ...more] = reading.lines
        match(first, expect.line)
        deepEqual([reading.status, reading.asErrors], [expect.status, true])
        return equal(more.length > 0, expect.status !== 1)
      }
      ok(reading?.ok)
      equal(reading.logFile, expect.logFile)
      const seen = Object.keys(expect.settings).map(key => [key, reading.environment[key]])
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

function run(t: TestContext, args: readonly string[]): Run {
  const env = {
    ...runEnvironment,
    RINGCAST_WORKERS: '1',
  }
  const child = spawn(process.execPath, [program.pathname, 'pinghub', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env,
  })
  t.after(() => child.kill('SIGKILL'))
  let [output, errors] = ['', '']
  child.stdout.on('data', bytes => (output += bytes))
  child.stderr.on('data', bytes => (errors += bytes))
  const ended = once(child, 'close').then(([code, signal]) => signal ?? code)
  return { process: child, ended, output: () => output, errors: () => errors }
}

const anyPorts = ['-addr', '127.0.0.1:0', '-mport', '0']

/** Addresses by protocol. */
function listening(log: string): Readonly<Record<string, string>> {
  const lines = log.trim().split('\n')
  const found = lines.map(line => JSON.parse(line)).filter(({ msg }) => msg === 'listening')
  return Object.fromEntries(found.map(({ protocol, address }) => [protocol, address]))
}

describe('pinghub as a process', () => {
  test('prints its usage on standard error', async t => {
    const help = run(t, ['-h'])
    equal(await help.ended, 0)
    match(help.errors(), /^Usage of pinghub:\n {2}-addr string\n {4}\t.*\(default "127\.0\.0\.1:8081"\)\n/)
    equal(help.output(), '')
    const wrong = run(t, ['-x'])
    equal(await wrong.ended, 2)
    match(wrong.errors(), /^flag provided but not defined: -x\nUsage of pinghub:\n/)
  })

  test('serves the protocol alone, and says goodbye on SIGTERM', async t => {
    const node = run(t, anyPorts)
    await until('it to be ready', () => node.output().includes('"ready"') || node.errors())
    equal(node.errors(), '')
    const addresses = listening(node.output())
    deepEqual(Object.keys(addresses).sort(), ['pinghub', 'pinghub metrics'])
    const client = new RawClient(addresses['pinghub'] ?? '')
    t.after(() => client.leave())
    const socket = await new RawWebSocket(client).open()
    node.process.kill('SIGTERM')
    match(String(await socket.closed()), /^1001,retry=1\d\d$/)
    equal(await node.ended, 0)
  })

  test('an address that it cannot have ends it with status 1 and a sentence', async t => {
    const first = run(t, anyPorts)
    await until('it to be ready', () => first.output().includes('"ready"'))
    const addresses = listening(first.output())
    const [address = '', metrics = ''] = [addresses['pinghub'], addresses['pinghub metrics']]
    for (const args of [
      ['-addr', address, '-mport', '0'],
      ['-addr', '127.0.0.1:0', '-mport', metrics],
    ]) {
      const second = run(t, args)
      equal(await second.ended, 1)
      match(second.errors(), /pinghub cannot listen on 127\.0\.0\.1:\d+/)
    }
    first.process.kill('SIGTERM')
    equal(await first.ended, 0)
  })

  test('serves a unix socket, and removes it at the end (test table 40)', async t => {
    const folder = mkdtempSync(join(tmpdir(), 'pinghub-'))
    t.after(() => rmSync(folder, { recursive: true }))
    const path = join(folder, 'socket')
    const log = join(folder, 'log')
    const node = run(t, ['-addr', path, '-mport', '0', '-log', log])
    await until('it to be ready', () => existsSync(log) && readFileSync(log, 'utf8').includes('"ready"'))
    const socket = await new RawWebSocket(new RawClient({ path })).open()
    socket.send(1, 'hi')
    equal((await socket.frame(0)).payload.toString(), 'hi')
    node.process.kill('SIGTERM')
    equal(await node.ended, 0)
    equal(existsSync(path), false)
    match(readFileSync(log, 'utf8'), /"stopped"/)
    deepEqual([node.output(), node.errors()], ['', ''])
    socket.client.leave()
  })

  test('a log file that cannot be opened ends it with status 1', async t => {
    const node = run(t, ['-log', '/nowhere/pinghub.log'])
    equal(await node.ended, 1)
    match(node.errors(), /^error opening log file: .*\/nowhere\/pinghub\.log/)
  })
})
