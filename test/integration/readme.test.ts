// README's commands, taken from its code blocks and run as a reader would: in a fresh clone, with whatever node and
// npm the machine has. Then the commands that the daemon prints, as they stand.
import assert, { deepEqual, equal, match } from 'node:assert/strict'
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join, resolve } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { sectionsFor } from '../../src/app/node.ts'
import { frontends } from '../../src/app/worker.ts'
import { variableOf } from '../../src/settings/names.ts'
import { referenceRow, settingsReference } from '../../src/settings/reference.ts'
import { protocolTable } from '../helpers/protocol-table.ts'
import { freePort } from '../helpers/proxies.ts'
import { until } from '../helpers/until.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const README = readFileSync(join(ROOT, 'README.md'), 'utf8')

const playable = frontends.filter(({ play }) => play !== undefined)

/** The one address that the second terminal must know. */
const adminPort = await freePort()

/** Packages come from a registry, and onto a disk that has other work. */
const installDeadlineMs = 240_000
/** The build is part of it. */
const startDeadlineMs = 180_000

describe('the commands of README', () => {
  test('install and start in a fresh clone, and a message arrives', async t => {
    const [install = '', start = '', ...more] = commandsOf(README)[0]?.split(' && ') ?? []
    deepEqual([install, start, more], ['npm ci', 'npm start', []], 'README begins with two commands')
    const clone = freshClone(t)

    const installing = shell(t, install, clone)
    equal(await installing.end(installDeadlineMs), 0, installing.output())
    deepEqual(complaints(installing.output()), [])

    const running = shell(t, start, clone)
    const pid = await until(
      () => `the daemon to be ready; it printed:\n${running.output()}`,
      () => {
        if (running.ended()) throw new Error(`${start} ended:\n${running.output()}`)
        return /"pid":(\d+),"msg":"ready"/.exec(running.output())?.[1]
      },
      startDeadlineMs,
    )
    await until('the screen', () => running.output().includes('Stop with Ctrl-C.'))
    const printed = running.output().split('\n')
    await tryPlayground(t, printed, clone)
    for (const { name } of frontends) {
      const start = printed.findIndex(line => line.startsWith(`${name} on http`))
      await subscribeAndPublish(t, printed.slice(start), clone)
    }

    process.kill(Number(pid), 'SIGTERM')
    equal(await running.end(startDeadlineMs), 0, running.output())
    match(running.output(), /"msg":"stopped"/)
  })

  test('npm test is among them', () => assert(commandsOf(README).includes('npm test')))
})

describe('the tables of README', () => {
  test('the protocols are those of the registry, each with its page', () => {
    const [found = ''] = README.slice(README.indexOf('| protocol |')).split('\n\n')
    equal(found, protocolTable(frontends), 'the table is stale: npm run docs writes it')
    for (const { name } of frontends) assert(existsSync(join(ROOT, 'src/frontends', name, 'README.md')), name)
  })

  test('the settings that it shows stand as the rooms describe them', () => {
    const rows = README.split('\n').filter(line => line.startsWith('| `RINGCAST_'))
    equal(rows.length, 10)
    for (const row of rows) {
      const variable = /RINGCAST_\w+/.exec(row)?.[0] ?? ''
      equal(row, referenceRow(sectionsFor(frontends), variable), 'the row is stale: npm run docs writes it')
    }
  })

  test('all settings stand on the page of their room, as the rooms describe them', () => {
    const page = readFileSync(join(ROOT, 'src/settings/README.md'), 'utf8')
    const tables = page.slice(page.indexOf('## The node')).trim()
    equal(tables, settingsReference(sectionsFor(frontends)), 'the tables are stale: npm run docs writes them')
  })
})

/** The lines that a shell runs, blocks marked `sh` alone. */
function commandsOf(markdown: string): string[] {
  const blocks = [...markdown.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, block = '']) => block)
  return blocks.flatMap(block => block.split('\n').filter(line => line !== ''))
}

/** What git would hand out, and what is new and not ignored. */
function freshClone(t: TestContext): string {
  const clone = mkdtempSync(join(tmpdir(), 'readme-'))
  t.after(() => rmSync(clone, { recursive: true, force: true, maxRetries: 3 }))
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: ROOT,
    encoding: 'utf8',
  })
  for (const path of listed.split('\0')) {
    if (path !== '' && existsSync(join(ROOT, path))) cpSync(join(ROOT, path), join(clone, path))
  }
  return clone
}

interface Shell {
  /** Standard output and error, as they came. */
  output(): string
  ended(): boolean
  end(deadlineMs: number): Promise<number | NodeJS.Signals>
}

/** In a process group of its own, so that whatever the command starts can be stopped with it. */
function shell(t: TestContext, command: string, cwd: string): Shell {
  const child = spawn('sh', ['-c', command], {
    cwd,
    env: readersEnvironment(),
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const pieces: Buffer[] = []
  for (const stream of [child.stdout, child.stderr]) stream.on('data', piece => pieces.push(piece))
  let outcome: number | NodeJS.Signals | undefined
  child.on('close', (code, signal) => {
    outcome = code ?? signal ?? undefined
  })
  const output = () => Buffer.concat(pieces).toString()
  const stop = async () => {
    killGroup(child)
    if (child.exitCode === null && child.signalCode === null) await once(child, 'close')
  }
  t.after(stop)
  return {
    output,
    ended: () => outcome !== undefined,
    async end(deadlineMs) {
      await until(`'${command}' to end`, () => outcome !== undefined, deadlineMs)
      return outcome ?? 0
    },
  }
}

function killGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL')
  } catch {
    // Nobody of the group lives any more.
  }
}

/** Without what the npm and the node that run this test put there. */
function readersEnvironment(): NodeJS.ProcessEnv {
  const ofThisRun = /^(?:npm_(?!config_)|npm_config_local_prefix$|RINGCAST_|RPUSHD_|NODE_OPTIONS$|NODE_TEST)/
  const own = Object.entries(process.env).filter(([name]) => !ofThisRun.test(name) && name !== 'NODE')
  const path = (process.env['PATH'] ?? '')
    .split(delimiter)
    .filter(folder => !/node_modules|node-gyp/.test(folder))
  const listens = frontends.flatMap(({ name, section }) => {
    const open = Object.entries(section.fields).filter(
      ([, field]) => field.type === 'address' && field.default !== 'off',
    )
    return open.map(([key]) => [variableOf(name, key), '127.0.0.1:0'])
  })
  const admin = [variableOf('admin', 'listen'), `127.0.0.1:${adminPort}`]
  return { ...Object.fromEntries([...own, ...listens, admin]), PATH: path.join(delimiter) }
}

/**
 * What npm complains of, but for two kinds: that the native package asks for a newer Node.js, and configuration of
 * the machine that npm does not know.
 */
function complaints(output: string): string[] {
  const lines = output.split('\n').filter(line => /^npm (?:warn|error|ERR!|WARN)/.test(line))
  const about = [...output.matchAll(/^npm warn EBADENGINE {3}package: '(.*)@[^@]*',$/gm)].map(
    ([, name]) => name,
  )
  const known = (line: string) =>
    /^npm warn Unknown (?:\w+ )?config /.test(line) ||
    (line.startsWith('npm warn EBADENGINE') && about.every(name => name === 'uws-pack'))
  return lines.filter(line => !known(line))
}

/** The page with its parts, as built, and README's second terminal. */
async function tryPlayground(t: TestContext, printed: readonly string[], cwd: string): Promise<void> {
  const url = printed.map(line => /^ {2}Open (\S+) /.exec(line)?.[1]).find(found => found !== undefined) ?? ''
  for (const path of ['', '/page.css', '/page.js', ...playable.map(({ name }) => `/clients/${name}.js`)])
    equal((await fetch(url + path)).status, 200, path)

  const follow = commandsOf(README).find(line => line.includes('--all-protocols')) ?? ''
  const follower = shell(t, follow, cwd)
  await until('the follower', () => follower.output().includes('following demo by'), startDeadlineMs)
  const publish = printed[printed.indexOf('  Publish in another:') + 1] ?? ''
  equal(await shell(t, publish, cwd).end(startDeadlineMs), 0)
  const shown = README.split('\n').filter(line => frontends.some(({ name }) => line.startsWith(`${name} `)))
  const formOf = (name = '') => new RegExp(`^${name} +(?:[0-9a-f]+\\.\\d+|-) {2}\\S`, 'm')
  // An example: whichever protocols it shows, as they are printed.
  assert(shown.length > 0)
  for (const line of shown) match(line, formOf(line.split(' ')[0]))
  for (const { name } of playable)
    await until(`a line of ${name}`, () => formOf(name).test(follower.output()))
}

async function subscribeAndPublish(t: TestContext, printed: readonly string[], cwd: string): Promise<void> {
  const after = (heading: string) => printed[printed.indexOf(heading) + 1] ?? ''
  const subscribe = after('  Subscribe in one terminal:')
  const publish = after('  Publish in another:')
  // By whatever a protocol is published to; a WebSocket is opened by this Node.js.
  match(publish, /^(?:curl |\S+\/node -e )/)

  const subscriber = shell(t, subscribe, cwd)
  // Not every subscriber says that it is open, so it is published to until something arrives.
  await until(`a message to arrive by: ${subscribe}`, async () => {
    const publisher = shell(t, publish, cwd)
    equal(await publisher.end(startDeadlineMs), 0, publisher.output())
    if (publish.startsWith('curl ')) match(publisher.output(), /^HTTP\/1\.1 20\d /m)
    return /hello\W+world/.test(subscriber.output())
  })
}
