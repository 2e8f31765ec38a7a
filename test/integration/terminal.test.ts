// What strangers wrote, on a terminal: it is shown there and drives nothing. Programs behind a pipe get the bytes.
import { deepEqual, doesNotMatch, equal, match, ok } from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import * as registry from '../../src/frontends/registry.ts'
import { variableOf } from '../../src/settings/names.ts'
import { runCommand, runOnTerminal } from '../helpers/command.ts'
import { type Daemon, launch, startDaemon } from '../helpers/daemon.ts'
import { RawClient } from '../helpers/raw-client.ts'
import { until } from '../helpers/until.ts'

const [first = ''] = Object.keys(registry)
const secret = 'operator-secret-0123456789'
const guarded = { RINGCAST_ADMIN_SECRET: secret }

/** A title, a cleared screen, a line that is written over, colours by C1, and letters from right to left. */
const text = '\u001b]0;title\u0007\u001b[2J harmless\rhidden \u009b31m\u202e\n\tsecond'
const shown = '\\u001b]0;title\\u0007\\u001b[2J harmless\\rhidden \\u009b31m\\u202e\\n\\tsecond'

async function startNode(t: TestContext, environment: Record<string, string>): Promise<Daemon> {
  const daemon = await startDaemon({ workers: 1, environment: { ...guarded, ...environment } })
  t.after(() => daemon.process.kill('SIGKILL'))
  return daemon
}

describe('ringcast sub', () => {
  /** Follows from the first publication on, so that the second one is printed whenever the command comes. */
  async function publish(t: TestContext): Promise<readonly string[]> {
    const daemon = await startNode(t, { RINGCAST_HISTORY_SIZE: '10' })
    const url = `http://${daemon.address('admin')}`
    const pub = async (args: readonly string[], input: string) => {
      const { code, out } = await runCommand(['pub', 'demo', ...args, '--url', url], {
        environment: guarded,
        input,
      })
      equal(code, 0)
      return out.split(' ')[0] ?? ''
    }
    const since = await pub([], '1')
    await pub(['--text'], text)
    // A tab means nothing here, and would be a mistake where it is escaped.
    await pub([], `{"a":\t"\u009b31m\u202e"}`)
    return ['sub', 'demo', '--since', since, '--limit', '2', '--url', url]
  }

  test('on a terminal prints each publication as one line that drives nothing', async t => {
    const args = await publish(t)
    const plain = await runOnTerminal(args, guarded)
    deepEqual([plain.code, plain.out], [0, `${shown}\n{"a":"\\u009b31m\\u202e"}\n`])
    const placed = await runOnTerminal([...args, '--positions'], guarded)
    const contents = placed.out.split('\n').map(line => line.slice(line.indexOf(' ') + 1))
    deepEqual(contents, [shown, '{"a":"\\u009b31m\\u202e"}', ''])
  })

  test('on a terminal --json stays JSON, with the same values', async t => {
    const { code, out } = await runOnTerminal([...(await publish(t)), '--json'], guarded)
    equal(code, 0)
    doesNotMatch(out, /[\0-\x09\x0b-\x1f\x7f-\x9f\u202e]/)
    const values = out
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line))
    deepEqual([values[0].text, values[1].data], [text, { a: '\u009b31m\u202e' }])
  })

  test('into a pipe prints what was published', async t => {
    const { code, out } = await runCommand(await publish(t), { environment: guarded })
    deepEqual([code, out], [0, `${text}\n{"a":"\u009b31m\u202e"}\n`])
  })
})

describe('sentences that quote what was given', () => {
  const environment = { RINGCAST_WORKERS: '2\r', RINGCAST_DOOR: '\u001b[2J' }

  test('show what nobody sees, wherever they are printed', async () => {
    const sentence = /^ringcast: RINGCAST_WORKERS must be a whole number from 0 to 256, not '2\\r'$/m
    for (const command of ['check', 'start']) {
      const { code, errors } = await runCommand([command], { environment })
      equal(code, 1)
      match(errors, sentence)
      equal(errors.split('\n').length, 3, errors)
    }
    const flag = await runCommand(['sub', 'demo', '--limit', '1\nringcast: all is well'])
    equal(
      flag.errors,
      "ringcast: --limit must be a whole number from 1 on, not '1\\nringcast: all is well'\n",
    )
    const unknown = await runCommand(['sub', 'demo', '--lim\u001b[2J'])
    equal(unknown.errors.split('\n')[0], "ringcast: unknown option '--lim\\u001b[2J'")
  })

  test('show it in what check tells on a terminal', async () => {
    const { code, out } = await runOnTerminal(['check'], { [variableOf(first, 'subscribe')]: 'a\u001b[2Jb' })
    equal(code, 0)
    ok(out.includes('a\\u001b[2Jb'), out)
    doesNotMatch(out, /\u001b/)
  })
})

test('a readable log shows what a client made up, C1 and marks of direction too', async t => {
  const environment = {
    RINGCAST_LOG_FORMAT: 'pretty',
    RINGCAST_PINGHUB_LISTEN: '127.0.0.1:0',
    RINGCAST_PINGHUB_PUBLISH: 'x',
  }
  const daemon = launch({ workers: 1, environment })
  t.after(() => daemon.process.kill('SIGKILL'))
  const printed = (what: RegExp) => until(`${what}`, () => daemon.printed.find(line => what.test(line)))
  const listening = await printed(/listening .*"pinghub"/)
  await printed(/ready /)
  const port = Number(/"address":"127\.0\.0\.1:(\d+)"/.exec(listening)?.[1])
  const client = new RawClient({ host: '127.0.0.1', port })
  client.send('POST /%C2%9B31m%E2%80%AE HTTP/1.1\r\nhost: t\r\ncontent-length: 1\r\n\r\nx')
  await client.answers(1)
  const line = await printed(/not-allowed/)
  ok(line.includes('"channel":"\\u009b31m\\u202e"'), line)
  doesNotMatch(line, /[\x7f-\x9f\u202e]/)
  equal(await daemon.stop(), 0)
})
