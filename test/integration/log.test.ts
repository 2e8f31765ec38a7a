// What arrives on standard output: machines get JSON, terminals something readable, from every thread.
import { deepEqual, doesNotMatch, equal, match, ok } from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { promisify } from 'node:util'
import * as registry from '../../src/frontends/registry.ts'
import type { Exchange } from '../../src/net/exchange.ts'
import { variableOf } from '../../src/settings/names.ts'
import { launch, secrets, startDaemon } from '../helpers/daemon.ts'
import { OUTPUT_VARIABLE, searchOutputs } from '../helpers/outputs.ts'
import { runEnvironment } from '../helpers/program.ts'
import { freePort } from '../helpers/proxies.ts'
import { serve } from '../helpers/serve.ts'
import { until } from '../helpers/until.ts'

const last = Object.keys(registry).at(-1) ?? ''
const fixture = new URL('./fixtures/log-lines.ts', import.meta.url).pathname
const main = new URL('../../src/main.ts', import.meta.url).pathname
const run = promisify(execFile)

/** The command sees its own program as `$0` and the fixture as `$1`. */
async function shell(command: string, environment: Readonly<Record<string, string>> = {}): Promise<string> {
  const env = { ...runEnvironment, ...environment }
  const { stdout } = await run('sh', ['-c', command, process.execPath, fixture], { env })
  return stdout
}

const piped = (format: string) => shell(`"$0" "$1" ${format} 2 | cat`)
/** `script` gives its command a terminal. */
const onTerminal = (format: string, environment: Readonly<Record<string, string>>) =>
  shell(`script -qec "$0 $1 ${format} 1" /dev/null`, { TERM: 'xterm', ...environment })

describe('the format of log lines', () => {
  for (const format of ['auto', 'json']) {
    test(`${format}: on a pipe every thread writes JSON, with pino's levels and Unix milliseconds`, async () => {
      const lines = (await piped(format)).trimEnd().split('\n')
      const parsed = lines.map(line => JSON.parse(line))
      const heads = parsed.map(({ level, thread, msg }) => [level, thread, msg])
      const ofThread = (thread: string) => [
        [30, thread, 'a line'],
        [30, thread, 'a line'],
        [50, thread, 'a failure'],
      ]
      deepEqual(heads, [...ofThread('primary'), ...ofThread('worker-0')])
      ok(parsed.every(({ time }) => Math.abs(time - Date.now()) < 60_000))
      equal(parsed[2].err.message, 'the reason')
    })
  }

  const readable =
    /^\[\d\d:\d\d:\d\d\.\d{3}\] INFO: (?:primary|worker-0) a line \{"line":1,"escape":"\\u001b\[2J"\}$/

  test('pretty: on a pipe lines are readable and without colours', async () => {
    const lines = (await piped('pretty')).split('\n').filter(line => line.includes('"line":1'))
    equal(lines.length, 2)
    for (const line of lines) match(line, readable)
  })

  test('auto: on a terminal every thread writes readable lines in colours, and fields cannot control it', async () => {
    const lines = (await onTerminal('auto', {})).split(/\r?\n/).filter(line => line.includes('"line":1'))
    equal(lines.length, 2)
    for (const line of lines) {
      match(line, /\u001b\[32mINFO/)
      doesNotMatch(line, /\u001b\[2J/)
      match(line.replaceAll(/\u001b\[\d+m/g, ''), readable)
    }
  })

  test('NO_COLOR and a terminal without colours are obeyed', async () => {
    for (const environment of [{ NO_COLOR: '1' }, { TERM: 'dumb' }]) {
      const text = await onTerminal('auto', environment)
      match(text, /INFO: worker-0 a line/)
      doesNotMatch(text, /\u001b/)
    }
  })

  test('json: stays JSON on a terminal', async () => {
    const [first = ''] = (await onTerminal('json', {})).split('\r\n')
    equal(JSON.parse(first).msg, 'a line')
  })

  test('a full disk and a reader that leaves cost lines and end nothing', async () => {
    equal(await shell('"$0" "$1" json 50 > /dev/full; echo $?'), '0\n')
    equal(await shell('"$0" "$1" pretty 50 > /dev/full; echo $?'), '0\n')
    equal(await shell('exec 3>&1; { "$0" "$1" json 5000; echo $? >&3; } | head -n 1 >/dev/null'), '0\n')
  })
})

/** A node for development on a free port, with nothing of its own on standard output but what is given. */
async function startWith(t: TestContext, output: number | 'pipe') {
  const admin = `127.0.0.1:${await freePort()}`
  const child = spawn(process.execPath, [main], {
    stdio: ['ignore', output, 'pipe'],
    env: {
      ...runEnvironment,
      RINGCAST_WORKERS: '1',
      RINGCAST_ONLY: last,
      [variableOf(last, 'listen')]: '127.0.0.1:0',
      RINGCAST_ADMIN_LISTEN: admin,
    },
  })
  t.after(() => child.kill('SIGKILL'))
  let errors = ''
  child.stderr?.on('data', piece => {
    errors += piece
  })
  const ended = once(child, 'close').then(([code, signal]) => [signal ?? code, errors])
  return { child, admin, ended }
}

describe('a node in development', () => {
  test('loses its greeting to a full disk or a reader that left, and runs on', async t => {
    const full = openSync('/dev/full', 'w')
    t.after(() => closeSync(full))
    const nodes = [await startWith(t, full), await startWith(t, 'pipe')]
    nodes[1]?.child.stdout?.destroy()
    for (const { child, admin, ended } of nodes) {
      // Whoever is told that it is ready comes after the greeting.
      const isReadyOrOver = async () =>
        child.exitCode !== null ||
        (await fetch(`http://${admin}/readyz`).catch(() => undefined))?.status === 200
      await until('the node to be ready, or over', isReadyOrOver, 60_000)
      child.kill('SIGTERM')
      deepEqual(await ended, [0, ''])
    }
  })
})

describe('the log of a daemon', () => {
  test('is JSON from the first line to the last, with nothing between, in production', async t => {
    const daemon = await startDaemon({ workers: 1 })
    t.after(() => daemon.process.kill('SIGKILL'))
    equal(await daemon.stop(), 0)
    deepEqual([daemon.printed, daemon.errors], [[], []])
    deepEqual([daemon.log[0]?.['thread'], daemon.log.at(-1)?.msg], ['primary', 'stopped'])
  })

  test('is pretty where the operator says so', async t => {
    const daemon = launch({ workers: 1, environment: { RINGCAST_LOG_FORMAT: 'pretty' } })
    t.after(() => daemon.process.kill('SIGKILL'))
    await until('the daemon to be ready', () => {
      equal(daemon.process.exitCode, null, daemon.errors.join('\n'))
      return daemon.printed.some(line => / INFO \(\d+\): primary ready /.test(line))
    })
    equal(await daemon.stop(), 0)
    deepEqual([daemon.log, daemon.errors], [[], []])
  })

  test('is searched for secrets: one that logs its own is found', async t => {
    const folder = mkdtempSync(join(tmpdir(), 'leak-'))
    const before = process.env[OUTPUT_VARIABLE]
    process.env[OUTPUT_VARIABLE] = folder
    const daemon = launch({ main: new URL('./fixtures/leak.ts', import.meta.url) })
    t.after(() => rmSync(folder, { recursive: true }))
    await daemon.ended
    if (before === undefined) delete process.env[OUTPUT_VARIABLE]
    else process.env[OUTPUT_VARIABLE] = before
    const { outputs, found } = searchOutputs(folder)
    equal(outputs, 1)
    match(
      found.join('\n'),
      new RegExp(`^[\\w-]+\\.test\\.ts-${daemon.pid}\\.txt:1 shows the secret ${secrets.subscribe}`),
    )
  })
})

test("a request's id is made once, when it is asked for, and no other request has it", async t => {
  const kept: Exchange[] = []
  const served = await serve(t, exchange => {
    kept.push(exchange)
    exchange.reply({ status: 204 })
  })
  for (let i = 0; i < 40; i++) await served.connect().send('GET / HTTP/1.1\r\nhost: t\r\n\r\n').answers(1)
  const named = kept.filter((_, index) => index % 2 === 1)
  const ids = named.map(({ id }) => id)
  deepEqual(
    ids,
    Array.from({ length: 20 }, (_, index) => `t0-${(index + 1).toString(36)}`),
  )
  deepEqual(
    named.map(({ id }) => id),
    ids,
  )
})
