import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { PrimaryOptions } from '../../../src/app/primary.ts'
import type { Terminal } from '../../../src/commands/output.ts'
import { run } from '../../../src/commands/run.ts'
import type { DropIn, Frontend } from '../../../src/frontends/frontend.ts'

const section = {
  name: 'door',
  fields: {
    listen: { type: 'address', default: '127.0.0.1:1', doc: 'Where it is.' },
    shardPorts: { type: 'address', default: 'off', doc: 'Where its workers are.' },
    subscribe: { type: 'list', default: [], doc: 'Who comes in.' },
    publish: { type: 'list', default: [], doc: 'Who goes out.' },
    openMs: { type: 'integer', unit: 'ms', default: 5, min: 1, max: 9, doc: 'How long it is open.' },
    isRed: { type: 'boolean', default: false, doc: 'Its colour.' },
    secret: { type: 'secret', doc: 'Its key.' },
  },
} as const

const dropIn: DropIn = {
  summary: 'the old door.',
  read: (args, environment) =>
    args[0] === '--fail'
      ? { ok: false, lines: ['no such door'], status: 7 }
      : { ok: true, environment: { ...environment, RINGCAST_DOOR_LISTEN: args[0] } },
}

const door: Frontend<typeof section> = {
  name: 'door',
  clients: 'tests',
  section,
  open: () => ({ handle: () => {}, statistics: () => ({}) }),
  greeting: () => [],
  dropIn,
  token: { summary: 'A key.', mint: ({ secret }, channel, exp) => `${secret[0]} ${channel} ${exp}` },
}

interface Outcome {
  readonly code: number | undefined
  readonly printed: readonly string[]
  readonly complaints: readonly string[]
  readonly started: readonly PrimaryOptions[]
}

async function invoke(args: readonly string[], environment: Record<string, string> = {}): Promise<Outcome> {
  const printed: string[] = []
  const complaints: string[] = []
  const started: PrimaryOptions[] = []
  const terminal: Terminal = {
    print: text => void printed.push(text),
    complain: line => void complaints.push(line),
    flush: async () => {},
    isShown: false,
    columns: 80,
    isTyped: false,
    input: (async function* () {})(),
    interrupted: () => new AbortController().signal,
  }
  const start = async (options: PrimaryOptions) => void started.push(options)
  const code = await run(args, environment, { terminal, known: [door as unknown as Frontend], start })
  return { code, printed, complaints, started }
}

/** What a node was started with, flags as an object. */
async function flagsOf(...args: readonly string[]) {
  const { started, complaints } = await invoke(args)
  deepEqual(complaints, [])
  return Object.fromEntries(started[0]?.flags ?? [])
}

describe('flags of start', () => {
  test('no command is start, and the node is given the environment as it is', async () => {
    for (const args of [[], ['start']]) {
      const { code, started } = await invoke(args, { RINGCAST_WORKERS: '2' })
      equal(code, undefined)
      deepEqual(
        started.map(({ environment }) => environment),
        [{ RINGCAST_WORKERS: '2' }],
      )
      deepEqual([...(started[0]?.flags ?? [])], [])
    }
  })

  test('both forms of a value, with underscores as hyphens, for every section', async () => {
    deepEqual(await flagsOf('--log-level', 'debug', '--door.open-ms=7', '--door.shard_ports', '9000'), {
      'log-level': 'debug',
      'door.open-ms': '7',
      'door.shard-ports': '9000',
    })
    deepEqual(await flagsOf('start', '--only', 'door', '--config=/etc/a_b.yaml'), {
      only: 'door',
      config: '/etc/a_b.yaml',
    })
  })

  test('a flag said twice counts as said last, a bare boolean is true, and a value may begin with a dash', async () => {
    deepEqual(await flagsOf('--workers', '1', '--workers=2', '--door.is-red', '--state-dir', '-x'), {
      workers: '2',
      'door.is-red': 'true',
      'state-dir': '-x',
    })
    deepEqual(await flagsOf('--door.is-red=false'), { 'door.is-red': 'false' })
  })

  test('a secret flag is handed on, for the settings refuse it with the reason', async () => {
    deepEqual(await flagsOf('--door.secret', 'x'), { 'door.secret': 'x' })
    const { code, complaints } = await invoke(['check', '--door.secret', 'hunter2'])
    equal(code, 1)
    match(complaints.join('\n'), /--door\.secret is a secret/)
    ok(!complaints.join('\n').includes('hunter2'))
  })

  test('all unknown flags are told at once, with what was probably meant', async () => {
    const { code, complaints, started } = await invoke([
      '--door.lisen=1',
      '--log_levl',
      'info',
      'more',
      '--nonsense-that-nobody-says',
    ])
    equal(code, 2)
    deepEqual(started, [])
    deepEqual(complaints, [
      '--door.lisen is unknown; did you mean --door.listen?',
      '--log-levl is unknown; did you mean --log-level?',
      'more is one argument too many',
      '--nonsense-that-nobody-says is unknown',
    ])
  })

  test('a flag without its value is wrong usage', async () => {
    const { code, complaints } = await invoke(['start', '--workers'])
    equal(code, 2)
    match(complaints.join('\n'), /'--workers <count>' argument missing/)
  })
})

describe('commands', () => {
  test('an unknown command is told with what was probably meant, also after help', async () => {
    for (const args of [['chekc'], ['help', 'chekc']]) {
      const { code, complaints } = await invoke(args)
      deepEqual(
        [code, complaints],
        [2, ['the command chekc is unknown; did you mean check? (ringcast --help lists all)']],
      )
    }
  })

  test('version and help end with 0', async () => {
    const version = await invoke(['--version'])
    equal(version.code, 0)
    match(version.printed.join('\n'), /^ringcast \d+\.\d+\.\d+$/)
    equal((await invoke(['help'])).code, 0)
    match((await invoke(['--help'])).printed.join('\n'), /the old door$/m)
  })

  test("a protocol's own command line starts it alone, with the environment that it makes", async () => {
    const { code, started } = await invoke(['door', '127.0.0.1:7'], { A: 'b' })
    equal(code, undefined)
    deepEqual(started[0]?.environment, { A: 'b', RINGCAST_DOOR_LISTEN: '127.0.0.1:7' })
    deepEqual([...(started[0]?.flags ?? [])], [['only', 'door']])
  })

  test("a protocol's own command line may end with its own lines and code", async () => {
    const { code, printed, started } = await invoke(['door', '--fail'])
    deepEqual([code, printed, started], [7, ['no such door'], []])
  })

  test('token uses the secret of the environment, or the file that is named', async () => {
    const [printed] = (
      await invoke(['token', 'door', 'demo', '--ttl', '2m'], { RINGCAST_DOOR_SECRET: 'key' })
    ).printed
    const [secret, channel, exp] = printed?.split(' ') ?? []
    deepEqual([secret, channel], ['key', 'demo'])
    const ahead = Number(exp) - Date.now() / 1_000
    ok(ahead > 100 && ahead <= 121, `${ahead}`)
    const none = await invoke(['token', 'door', 'demo'])
    equal(none.code, 1)
    match(none.complaints.join(), /no secret is set; set RINGCAST_DOOR_SECRET or RINGCAST_DOOR_SECRET_FILE/)
    const gone = await invoke(['token', 'door', 'demo', '--secret-file', '/nowhere/at/all'], {
      RINGCAST_DOOR_SECRET: 'key',
    })
    equal(gone.code, 1)
    match(gone.complaints.join(), /RINGCAST_DOOR_SECRET_FILE names \/nowhere\/at\/all/)
  })
})
