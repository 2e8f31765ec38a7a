// Pinghub with clients that everybody has: Node's own WebSocket, the ws package, fetch; alone and behind nginx with the
// configuration that we ship.
import { deepEqual, equal, match } from 'node:assert/strict'
import { createRequire } from 'node:module'
import { describe, type TestContext, test } from 'node:test'
import { run } from '../../../src/commands/run.ts'
import { type Daemon, startDaemon } from '../../helpers/daemon.ts'
import { joinPath, Publisher } from '../../helpers/pinghub/clients.ts'
import { freePorts, isMissing, shipped, startNginx } from '../../helpers/proxies.ts'
import { until } from '../../helpers/until.ts'

interface Listener {
  readonly texts: string[]
  readonly pings: number
  send(text: string): void
  close(): void
  /** The code of the end; undefined: it is open. */
  ended(): number | undefined
}

/** The part of the ws package that is used here; it comes without types. */
interface WsSocket {
  on(event: 'open' | 'ping', listener: () => void): void
  on(event: 'message', listener: (data: Buffer, isBinary: boolean) => void): void
  on(event: 'close', listener: (code: number) => void): void
  on(event: 'error', listener: (error: Error) => void): void
  send(data: string | Uint8Array): void
  close(code?: number, reason?: string): void
}
const ws = createRequire(import.meta.url)('ws') as {
  WebSocket: new (url: string, options?: object) => WsSocket
} // see above

async function listenWithWs(url: string, options: object = {}): Promise<Listener> {
  const socket = new ws.WebSocket(url, options)
  const texts: string[] = []
  let pings = 0
  let code: number | undefined
  socket.on('ping', () => pings++)
  socket.on('message', (data, isBinary) => texts.push(`${isBinary ? 'binary ' : ''}${data}`))
  socket.on('close', ended => (code = ended))
  await new Promise<void>((resolve, reject) => {
    socket.on('open', resolve)
    socket.on('error', reject)
  })
  return {
    texts,
    get pings() {
      return pings
    },
    send: text => socket.send(text),
    close: () => socket.close(1000, 'disconnect'),
    ended: () => code,
  }
}

async function listenWithNode(url: string): Promise<Listener> {
  const socket = new WebSocket(url)
  const texts: string[] = []
  let code: number | undefined
  socket.onmessage = ({ data }) => texts.push(typeof data === 'string' ? data : 'binary')
  socket.onclose = ({ code: ended }) => (code = ended)
  await new Promise<void>((resolve, reject) => {
    socket.onopen = () => resolve()
    socket.onerror = () => reject(new Error(`no socket at ${url}`))
  })
  return {
    texts,
    pings: 0,
    send: text => socket.send(text),
    close: () => socket.close(1000, 'disconnect'),
    ended: () => code,
  }
}

async function start(t: TestContext, environment: Readonly<Record<string, string>> = {}): Promise<Daemon> {
  const daemon = await startDaemon({ workers: 3, environment: { RINGCAST_ONLY: 'pinghub', ...environment } })
  t.after(() => daemon.process.kill('SIGKILL'))
  return daemon
}

async function ends(daemon: Daemon): Promise<void> {
  equal(await daemon.stop(), 0)
  deepEqual(daemon.errors, [])
}

describe('clients of different making', () => {
  test('hear each other, themselves and posts, in one order', async t => {
    const daemon = await start(t)
    const url = `ws://${daemon.address('pinghub')}/wpcom/rtc/1/${encodeURIComponent('postType-κ 42')}`
    // Compression is offered, as browsers do, and passed over.
    const talkers = [
      await listenWithWs(`${url}?jwt=a`),
      await listenWithNode(`${url}?jwt=b`),
      await listenWithWs(url),
    ]
    const expected: string[] = []
    for (let round = 0; round < 20; round++) {
      const text = `${round} ${'κ'.repeat(round * 100)}`
      expected.push(text)
      if (round % 4 < 3) talkers[round % 4]?.send(text)
      else
        equal(await (await fetch(url.replace('ws', 'http'), { method: 'POST', body: text })).text(), 'OK\n')
      await until('everybody to hear it', () =>
        talkers.every(({ texts }) => texts.length === expected.length),
      )
    }
    for (const { texts } of talkers) deepEqual(texts, expected)
    for (const talker of talkers) talker.close()
    await until('all to be closed', () => talkers.every(talker => talker.ended() === 1000))
    await ends(daemon)
  })

  test('live on by answering pings by themselves', async t => {
    const daemon = await start(t, { RINGCAST_PINGHUB_PING_MS: '100', RINGCAST_PINGHUB_PONG_MS: '700' })
    const url = `ws://${daemon.address('pinghub')}/life`
    const [first, second] = [await listenWithWs(url), await listenWithNode(url)]
    await until('many pings', () => first.pings >= 15)
    deepEqual([first.ended(), second.ended()], [undefined, undefined])
    // A stop says goodbye.
    equal(await daemon.stop(), 0)
    await until('both to be told', () => first.ended() === 1001 && second.ended() === 1001)
  })

  test('are told why they may not connect', async t => {
    const daemon = await start(t, { RINGCAST_PINGHUB_ORIGINS: 'https://example.com' })
    const url = `ws://${daemon.address('pinghub')}/origin`
    const foreign = await listenWithWs(url, { origin: 'https://example.net' }).catch(String)
    match(String(foreign), /Unexpected server response: 403/)
    const own = await listenWithWs(url, { origin: 'https://example.com' })
    own.close()
    await until('it to be closed', () => own.ended() === 1000)
    await ends(daemon)
  })
})

const skip = isMissing('nginx')
const file = 'nginx/ringcast-pinghub.conf'
const part = /(# --- ringcast ring nginx\n).*?(# --- end\n)/s

describe(`nginx with deploy/${file}`, { skip }, () => {
  test('brings every client to the owner of its channel, and lets nobody publish from outside', async t => {
    const [first = 0] = await freePorts(3)
    const daemon = await start(t, { RINGCAST_PINGHUB_SHARD_PORTS: `127.0.0.1:${first}` })
    const map = await printRing(['--workers=3', '--only=pinghub', `--pinghub.shard-ports=127.0.0.1:${first}`])
    const site = await startNginx(
      t,
      shipped(file).replace(part, (_, begin: string, end: string) => `${begin}${map}\n${end}`),
    )
    const paths = Array.from({ length: 60 }, (_, index) => `/pinghub/user/${index}/κ`)
    // Escapes in different ways, and the token in the query, do not count.
    const sockets = await Promise.all(
      paths.flatMap((path, index) => [
        joinPath(site.address, `${encodeURI(path)}?jwt=${index}`),
        joinPath(site.address, path.replace('user', '%75ser').replace('κ', '%ce%ba')),
      ]),
    )
    const statistics = await daemon.statistics()
    const sum = (name: string) =>
      statistics.reduce((all, worker) => all + (worker['pinghub']?.[name] ?? 0), 0)
    deepEqual([sum('sockets'), sum('channels'), sum('misrouted')], [120, 60, 0])
    for (const worker of statistics) equal(Number(worker['pinghub']?.['sockets']) > 0, true)
    const publisher = new Publisher(daemon.address('pinghub'))
    for (const path of paths) await publisher.post(encodeURI(path), path)
    for (const [index, socket] of sockets.entries()) {
      equal((await socket.frame(0)).payload.toString(), paths[Math.floor(index / 2)])
    }
    const foreign = await fetch(`http://${site.address}/pinghub/a`, { method: 'POST', body: 'x' })
    equal(foreign.status, 403)
    for (const { client } of sockets) client.leave()
    publisher.leave()
    await ends(daemon)
  })

  test('is what the command prints for the settings that the file names', async () => {
    const text = shipped(file)
    const flags = ['--workers=4', '--only=pinghub', '--pinghub.shard-ports=127.0.0.1:8090']
    equal(part.exec(text)?.[0], `# --- ringcast ring nginx\n${await printRing(flags)}\n# --- end\n`)
  })
})

async function printRing(flags: readonly string[]): Promise<string> {
  const printed: string[] = []
  const terminal = {
    print: (text: string) => void printed.push(text),
    complain: (line: string) => void printed.push(line),
    flush: async () => {},
    isShown: false,
    columns: 80,
    isTyped: false,
    input: (async function* () {})(),
    interrupted: () => new AbortController().signal,
  }
  equal(await run(['ring', 'nginx', ...flags], {}, { terminal }), 0, printed.join('\n'))
  return printed.join('\n')
}
