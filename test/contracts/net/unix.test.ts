// Listening on a unix socket: served like a port, held by one daemon at a time, and free again whatever ended it.
import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { request } from 'node:http'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { type Acceptor, openAcceptor } from '../../../src/net/acceptor.ts'
import { openServer } from '../../../src/net/server.ts'
import { claimInheritedPath } from '../../../src/net/socket-path.ts'
import { loadUws } from '../../../src/net/uws.ts'
import { openTestNet } from '../../helpers/net.ts'
import { until } from '../../helpers/until.ts'

function createPath(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'ringcast-'))
  t.after(() => rmSync(directory, { recursive: true }))
  return join(directory, 'a.sock')
}

const listen = async (path: string) =>
  openAcceptor(await loadUws(), { host: '', port: 0, path }, { unserved: () => ({ status: 503 }) })

async function open(t: TestContext, path: string): Promise<Acceptor> {
  const acceptor = await listen(path)
  if (typeof acceptor === 'string') throw new Error(acceptor)
  t.after(() => acceptor.close())
  return acceptor
}

/** Status and body of the answer to a fresh connection. */
function ask(socketPath: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath, path: '/a', agent: false }, response => {
      response.setEncoding('utf8')
      let body = ''
      response.on('data', (chunk: string) => {
        body += chunk
      })
      response.on('end', () => resolve(`${response.statusCode} ${body}`))
    })
    asked.on('error', reject).end()
  })
}

/** A process of its own that tries to listen on the path, and how that went. */
async function spawnHolder(t: TestContext, path: string): Promise<{ child: ChildProcess; said: string }> {
  const script = new URL('./fixtures/holder.ts', import.meta.url)
  const child = spawn(process.execPath, [script.pathname, path], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.after(() => child.kill('SIGKILL'))
  let said = ''
  child.stdout?.on('data', chunk => {
    said += chunk
  })
  await until('word from the holder', () => said.endsWith('\n'))
  return { child, said }
}

async function killed({ child }: { child: ChildProcess }): Promise<void> {
  const exited = new Promise(resolve => child.once('exit', resolve))
  child.kill('SIGKILL')
  await exited
}

describe('a unix socket', () => {
  test('is served by the children of the acceptor, in turn', async t => {
    const path = createPath(t)
    const acceptor = await open(t, path)
    deepEqual(acceptor.address, { host: '', port: 0, path })
    equal(await ask(path), '503 ')
    const net = await openTestNet()
    for (const name of ['a', 'b']) {
      const server = openServer(net, exchange => exchange.reply({ status: 200, body: name }))
      acceptor.add(server.descriptor)
      t.after(() => server.close())
    }
    const answers = [await ask(path), await ask(path), await ask(path), await ask(path)]
    deepEqual(answers.sort(), ['200 a', '200 a', '200 b', '200 b'])
  })

  test('lets user and group connect, and nobody else', async t => {
    const path = createPath(t)
    await open(t, path)
    equal(statSync(path).mode & 0o777, 0o660)
  })

  test('is gone with its lock when the acceptor closed, and may be opened again', async t => {
    const path = createPath(t)
    const acceptor = await open(t, path)
    deepEqual(readdirSync(join(path, '..')).sort(), ['a.sock', 'a.sock.lock'])
    acceptor.close()
    acceptor.close()
    deepEqual(readdirSync(join(path, '..')), [])
    await open(t, path)
    equal(await ask(path), '503 ')
  })

  test('of a path that is too long, or where nobody may write, is refused', async t => {
    const path = createPath(t)
    match(String(await listen(`${path}${'x'.repeat(108 - path.length)}`)), /longer than 107 bytes/)
    match(String(await listen(`${path}${'x'.repeat(300)}`)), /longer than 107 bytes/)
    match(String(await listen(join(path, 'none', 'a.sock'))), /ENOENT/)
    const longest = `${path}${'x'.repeat(107 - path.length)}`
    await open(t, longest)
    equal(await ask(longest), '503 ')
  })
})

describe('a path that somebody has', () => {
  test('is refused to a second acceptor, in this process and in another', async t => {
    const path = createPath(t)
    await open(t, path)
    match(String(await listen(path)), new RegExp(`^process ${process.pid} listens there`))
    const other = createPath(t)
    const { child } = await spawnHolder(t, other)
    match(String(await listen(other)), new RegExp(`^process ${child.pid} listens there`))
    equal(await ask(path), '503 ')
    equal(await ask(other), '503 ')
  })

  test('without a lock is refused as long as it answers, and no lock stays', async t => {
    const path = createPath(t)
    const stranger = createServer(socket => socket.end('here')).listen(path)
    t.after(() => stranger.close())
    await until('the stranger', () => stranger.listening)
    match(String(await listen(path)), /another process listens there/)
    deepEqual(readdirSync(join(path, '..')), ['a.sock'])
  })

  test('is left alone where it is no socket', async t => {
    const path = createPath(t)
    writeFileSync(path, 'precious')
    match(String(await listen(path)), /a file that is no socket/)
    equal(readFileSync(path, 'utf8'), 'precious')
  })
})

describe('a path whose socket was handed over', () => {
  /** As one that has it would leave it. */
  function release(path: string): void {
    const claim = claimInheritedPath(path)
    claim.opened()
    claim.release()
    claim.release()
  }

  test('stays where a daemon of ours lives that made it, and goes with its lock when that one is gone', async t => {
    const path = createPath(t)
    const holder = await spawnHolder(t, path)
    release(path)
    equal(await ask(path), '503 ')
    await killed(holder)
    deepEqual(readdirSync(join(path, '..')).sort(), ['a.sock', 'a.sock.lock'])
    release(path)
    deepEqual(readdirSync(join(path, '..')), [])
  })

  test('stays where nobody of ours made it, or another one is there by now', async t => {
    const path = createPath(t)
    const [stranger, later] = [createServer().listen(path), createServer()]
    t.after(() => [stranger, later].map(server => server.close()))
    await until('the stranger', () => stranger.listening)
    release(path)
    ok(existsSync(path))
    writeFileSync(`${path}.lock`, 'nobody')
    const claim = claimInheritedPath(path)
    claim.opened()
    rmSync(path)
    later.listen(path)
    await until('the later one', () => later.listening)
    claim.release()
    ok(existsSync(path))
  })
})

describe('a lock that is none', () => {
  test('is refused and not waited for: a FIFO, a link, a folder', async t => {
    const path = createPath(t)
    const lock = `${path}.lock`
    const refusal = `${lock} is no regular file`
    execFileSync('mkfifo', [lock])
    equal(await listen(path), refusal)
    rmSync(lock)
    symlinkSync('/dev/zero', lock)
    equal(await listen(path), refusal)
    rmSync(lock)
    mkdirSync(lock)
    equal(await listen(path), refusal)
    deepEqual(readdirSync(join(path, '..')), ['a.sock.lock'])
  })

  test('leads nobody elsewhere where it lies beside, and what it names stays as it was', async t => {
    const path = createPath(t)
    const victim = `${path}.victim`
    writeFileSync(victim, 'precious')
    symlinkSync(victim, `${path}.lock.${process.pid}`)
    const acceptor = await open(t, path)
    equal(await ask(path), '503 ')
    equal(readFileSync(victim, 'utf8'), 'precious')
    acceptor.close()
    deepEqual(readdirSync(join(path, '..')), ['a.sock.victim'])
  })
})

describe('what a dead daemon left', () => {
  test('is taken over after it was killed: socket and lock', async t => {
    const path = createPath(t)
    await killed(await spawnHolder(t, path))
    deepEqual(readdirSync(join(path, '..')).sort(), ['a.sock', 'a.sock.lock'])
    await open(t, path)
    equal(await ask(path), '503 ')
    match(readFileSync(`${path}.lock`, 'utf8'), new RegExp(`^${process.pid} \\d+\n$`))
  })

  for (const [name, content] of [
    ['of a process that is gone', '4194304999 1\n'],
    ['of a process that has our number and started earlier', `${process.pid} 1\n`],
    ['that is empty', ''],
    ['that is nonsense', 'nonsense'],
    ['that is long', `${process.pid} `.repeat(100)],
  ] as const) {
    test(`is taken over: a lock ${name}`, async t => {
      const path = createPath(t)
      writeFileSync(`${path}.lock`, content)
      const acceptor = await open(t, path)
      equal(await ask(path), '503 ')
      acceptor.close()
      deepEqual(readdirSync(join(path, '..')), [])
    })
  }

  test('is taken over: a socket without a lock', async t => {
    const path = createPath(t)
    await killed(await spawnHolder(t, path))
    rmSync(`${path}.lock`)
    await open(t, path)
    equal(await ask(path), '503 ')
  })

  test('is taken over by one of several that start together', async t => {
    const path = createPath(t)
    await killed(await spawnHolder(t, path))
    const holders = await Promise.all(Array.from({ length: 4 }, () => spawnHolder(t, path)))
    const [listening, ...refused] = holders.map(({ said }) => said).sort()
    equal(listening, 'listening\n')
    for (const said of refused) match(said, /^refused: (?:process \d+|another process) listens there/)
    equal(await ask(path), '503 ')
  })

  test('of an acceptor that closes late, the successor’s files stay', async t => {
    const path = createPath(t)
    const first = await open(t, path)
    rmSync(path)
    rmSync(`${path}.lock`)
    const second = await spawnHolder(t, path)
    first.close()
    ok(existsSync(path) && existsSync(`${path}.lock`))
    equal(await ask(path), '503 ')
    await killed(second)
  })
})
