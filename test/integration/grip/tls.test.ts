// The door for clients over TLS, with certificates that are renewed while connections stay.
import { deepEqual, equal, match } from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { connect, type TLSSocket } from 'node:tls'
import type { Certificate } from '../../helpers/certificates.ts'
import { launch } from '../../helpers/daemon.ts'
import { type GripNode, startGripNode } from '../../helpers/grip/node.ts'
import { tlsDoor } from '../../helpers/grip/tls-door.ts'
import { freePort } from '../../helpers/proxies.ts'
import { RawClient } from '../../helpers/raw-client.ts'
import { encodeRequest } from '../../helpers/raw-http.ts'
import { RawOrigin } from '../../helpers/raw-origin.ts'
import { until } from '../../helpers/until.ts'

/** A connection over TLS, and what came on it. */
class TlsClient {
  readonly socket: TLSSocket
  text = ''

  constructor(t: TestContext, port: number, ca: string) {
    this.socket = connect({ host: '127.0.0.1', port, ca, ALPNProtocols: ['h2', 'http/1.1'] })
    this.socket.on('data', piece => {
      this.text += piece
    })
    this.socket.on('error', () => {})
    t.after(() => this.socket.destroy())
  }

  ask(path: string, host = 't'): this {
    this.socket.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`)
    return this
  }

  /** What was received so far is forgotten. */
  async received(text: string): Promise<string> {
    await until(JSON.stringify(text), () => this.text.includes(text))
    const { text: all } = this
    this.text = ''
    return all
  }

  get fingerprint(): string {
    return this.socket.getPeerCertificate().fingerprint256
  }
}

/** A daemon with a front-end more, that fails when it is asked to. */
const faultyMain = new URL('../../helpers/faulty/main.ts', import.meta.url)

function die(t: TestContext, { daemon }: GripNode, slot: number): void {
  const client = new RawClient(daemon.shards('faulty')[slot] ?? '')
  t.after(() => client.leave())
  client.send(encodeRequest({ method: 'GET', target: '/throw/turn' }))
}

/** Why nobody can connect there; undefined: somebody listens. */
async function knock(port: number): Promise<string | undefined> {
  const client = new RawClient(`127.0.0.1:${port}`)
  await client.connected()
  client.leave()
  return client.failure
}

interface TlsScene {
  readonly node: GripNode
  readonly port: number
  readonly ca: string
  readonly origin: RawOrigin
  issue(): Certificate
  renew(certificate: Certificate): void
}

async function tlsScene(t: TestContext, routes: string, environment = {}, main?: URL): Promise<TlsScene> {
  const [door, origin] = [await tlsDoor(t), await RawOrigin.open()]
  t.after(() => origin.close())
  const node = await startGripNode(routes.replaceAll('ORIGIN', origin.address), {
    ...(main !== undefined && { main }),
    environment: { ...door.environment, ...environment },
  })
  t.after(() => node.stop())
  const { port, ca } = door.place
  return { node, port, ca, origin, issue: door.issue, renew: door.install }
}

function sentTo(origin: RawOrigin, path: string, name: string): string | undefined {
  const [, value] =
    origin
      .received(path)
      .at(-1)
      ?.headers.find(([each]) => each.toLowerCase() === name) ?? []
  return value
}

async function hangUp({ daemon }: GripNode): Promise<void> {
  const from = daemon.log.length
  daemon.process.kill('SIGHUP')
  await until('the settings to be read again', () =>
    daemon.log.slice(from).find(({ msg }) => msg.startsWith('settings')),
  )
}

describe('the door over TLS', () => {
  test('row 37: origins are told of it, by the words of the setting', async t => {
    for (const [word, expected] of [
      ['proto-only', ['https', undefined]],
      ['true', ['https', 'https']],
      ['false', [undefined, undefined]],
    ] as const) {
      const { node, port, ca, origin } = await tlsScene(t, '* ORIGIN\n', {
        RINGCAST_GRIP_SET_X_FORWARDED_PROTOCOL: word,
      })
      const client = new TlsClient(t, port, ca).ask('/a')
      await client.received('ok\n')
      equal(client.socket.alpnProtocol, 'http/1.1')
      const names = ['x-forwarded-proto', 'x-forwarded-protocol'] as const
      deepEqual(
        names.map(name => sentTo(origin, '/a', name)),
        expected,
      )
      const plain = new RawClient(node.client).send(encodeRequest({ method: 'GET', target: '/b' }))
      equal((await plain.answer()).status, 200)
      plain.leave()
      equal(sentTo(origin, '/b', 'x-forwarded-proto'), undefined)
    }
  })

  test('ssl=yes and ssl=no choose among rules', async t => {
    const { node, port, ca } = await tlsScene(
      t,
      'a,ssl=yes,id=tls test\na,ssl=no,path_beg=/plain/ test\nb,ssl=yes test\nc,ssl=no test\n',
    )
    const over = async (path: string, host: string) => {
      const client = new TlsClient(t, port, ca).ask(path, host)
      const [, status] = / (\d{3}) /.exec(await client.received('\r\n\r\n')) ?? []
      return Number(status)
    }
    const plainly = async (target: string, host: string) => {
      const client = new RawClient(node.client)
      client.send(encodeRequest({ method: 'GET', target, headers: [['host', host]] }))
      const { status } = await client.answer()
      client.leave()
      return status
    }
    deepEqual(
      await Promise.all(['a', 'b', 'c'].flatMap(host => [over('/', host), plainly('/', host)])),
      [200, 502, 200, 502, 502, 200],
    )
    equal(await plainly('/plain/', 'a'), 200)
  })

  test('holds, and a certificate is renewed without a break', async t => {
    const { node, port, ca, issue, renew } = await tlsScene(t, '* test\n')
    const stream = new TlsClient(t, port, ca).ask('/stream')
    await stream.received('[stream opened]\n')
    const old = stream.fingerprint
    const next = issue()
    renew(next)
    await hangUp(node)
    const fingerprints = async () => {
      const clients = Array.from({ length: 8 }, () => new TlsClient(t, port, ca).ask('/'))
      await Promise.all(clients.map(client => client.received('test handler')))
      return new Set(clients.map(client => client.fingerprint))
    }
    const renewed = await until('every worker to show it', async () => {
      const seen = await fingerprints()
      return seen.size === 1 && !seen.has(old) ? seen : undefined
    })
    await node.publish('test', { 'http-stream': { content: 'still here\n' } })
    await stream.received('still here\n')
    equal(stream.fingerprint, old)

    // What is no certificate is told, and the one before stays in use.
    renew({ ...next, certPath: next.keyPath })
    await hangUp(node)
    await until('it to be told', () => node.daemon.log.some(({ code }) => code === 'reload-refused'))
    deepEqual(await fingerprints(), renewed)
    await node.publish('test', { 'http-stream': { content: 'and now\n' } })
    await stream.received('and now\n')
  })

  test('is left out by a new worker that finds no certificate, and all else is served', async t => {
    const environment = { RINGCAST_ONLY: 'grip,faulty' }
    const { node, port, ca, issue, renew } = await tlsScene(t, '* test\n', environment, faultyMain)
    const next = issue()
    renew({ ...next, certPath: next.keyPath })
    const told = (code: string) => node.daemon.log.filter(line => line['code'] === code).length
    die(t, node, 1)
    await until('a new worker', () => node.daemon.log.some(({ msg }) => msg === 'a new worker serves'))
    equal(told('certificate-unreadable'), 1)
    const askAll = () =>
      Promise.all(
        Array.from({ length: 8 }, () => new TlsClient(t, port, ca).ask('/').received('test handler')),
      )
    await askAll()
    // The other one dies as well: nobody listens there, and all else is served.
    die(t, node, 0)
    await until('it to be told again', () => told('certificate-unreadable') === 2)
    const plain = new RawClient(node.client).send(encodeRequest({ method: 'GET', target: '/' }))
    equal((await plain.answer()).status, 200)
    plain.leave()
    equal(await knock(port), 'ECONNREFUSED')
  })

  test('is not opened without certificates', async () => {
    const daemon = launch({
      environment: {
        RINGCAST_ONLY: 'grip',
        RINGCAST_GRIP_TLS_LISTEN: `127.0.0.1:${await freePort()}`,
        RINGCAST_GRIP_TLS_CERTIFICATES: '/nowhere/at/all',
      },
    })
    equal(await daemon.ended, 1)
    match(daemon.errors.join('\n'), /\/nowhere\/at\/all\/default_\d+\.crt cannot be read/)
  })
})
