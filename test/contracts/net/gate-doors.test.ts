// Where a gate listens: ports that workers share, unix sockets, TLS; and the lock that keeps a second daemon away.
import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { connect as connectTls } from 'node:tls'
import { type AddressLock, claimAddress } from '../../../src/net/gate/address-lock.ts'
import { openGate } from '../../../src/net/gate/gate.ts'
import { gateDefaults } from '../../../src/net/gate/limits.ts'
import { type Address, formatAddress } from '../../../src/std/address.ts'
import { systemClock } from '../../../src/std/clock.ts'
import { clientHello } from '../../helpers/client-hello.ts'
import { loopback, serveGate, tell } from '../../helpers/gate.ts'
import { until } from '../../helpers/until.ts'

const get = 'GET /a HTTP/1.1\r\nHost: t\r\n\r\n'

async function claim(t: TestContext, address: Address = loopback): Promise<AddressLock> {
  const lock = await claimAddress(address)
  ok(typeof lock !== 'string', String(lock))
  t.after(() => lock.release())
  return lock
}

function createDirectory(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'gate-'))
  t.after(() => rmSync(directory, { recursive: true }))
  return directory
}

describe('the lock of an address', () => {
  test('finds a free port, and is had once', async t => {
    const lock = await claim(t)
    ok(lock.address.port > 0)
    equal(await claimAddress(lock.address), 'another ringcast serves it, or starts to')
    lock.release()
    lock.release()
    await until('a second one', async () => {
      const again = await claimAddress(lock.address)
      if (typeof again !== 'string') again.release()
      return typeof again !== 'string'
    })
  })

  test('is held against other processes, and vanishes with the one that is killed', async t => {
    const { address, release } = await claim(t)
    release()
    const script = new URL('./fixtures/address-holder.ts', import.meta.url).pathname
    const holder = spawn(process.execPath, [script, formatAddress(address)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    t.after(() => holder.kill('SIGKILL'))
    equal(String((await once(holder.stdout, 'data'))[0]), 'held')
    equal(await claimAddress(address), 'another ringcast serves it, or starts to')
    holder.kill('SIGKILL')
    await once(holder, 'exit')
    await claim(t, address)
  })

  test('is refused where somebody else listens, with SO_REUSEPORT or without', async t => {
    for (const reusePort of [false, true]) {
      const other = createServer().listen({ ...loopback, reusePort })
      t.after(() => other.close())
      await once(other, 'listening')
      const bound = other.address()
      const port = typeof bound === 'object' ? (bound?.port ?? 0) : 0
      equal(
        await claimAddress({ host: '127.0.0.1', port }),
        'the address is in use or not allowed: EADDRINUSE',
      )
    }
    match(String(await claimAddress({ host: '192.0.2.1', port: 0 })), /EADDRNOTAVAIL/)
  })

  test('of a path is its lock file, and what lies there afterwards is removed', async t => {
    const path = join(createDirectory(t), 'a.sock')
    const lock = await claim(t, { host: '', port: 0, path })
    match(String(await claimAddress({ host: '', port: 0, path })), /listens there/)
    const left = createServer().listen(path)
    t.after(() => left.close())
    await once(left, 'listening')
    lock.release()
    equal(existsSync(path), false)
  })
})

describe('a unix door', () => {
  test('has its mode, takes the place of what a dead worker left, and knows no address of its clients', async t => {
    const path = join(createDirectory(t), 'a.sock')
    const leaver = `require('node:net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`
    try {
      execFileSync(process.execPath, ['-e', leaver], { stdio: 'ignore' })
    } catch {
      // It was killed.
    }
    ok(existsSync(path))
    const served = await serveGate(t, { address: { host: '', port: 0, path, mode: 0o606 }, handle: tell })
    equal(statSync(path).mode & 0o777, 0o606)
    const client = served.connect().send(get)
    equal((await client.answer()).body.toString(), 'GET /a')
    equal(served.exchanges[0]?.remoteAddress, '')
    served.gate.close()
    await client.ended()
    // Its lock removes it: another process may have the path by then.
    deepEqual(readdirSync(dirname(path)), ['a.sock'])
  })

  test('is for the group where nothing is said; a raw body that is torn there ends all the same', async t => {
    const path = join(createDirectory(t), 'a.sock')
    const { connect, exchange } = await serveGate(t, { address: { host: '', port: 0, path } })
    equal(statSync(path).mode & 0o777, 0o660)
    const client = connect().send('GET / HTTP/1.0\r\n\r\n')
    const response = (await exchange(0)).respond(200, 'OK', [], { kind: 'chunked' })
    response.abort()
    await client.ended()
  })
})

describe('a door', () => {
  test('whose address cannot be had says so', async t => {
    const other = createServer().listen(loopback)
    t.after(() => other.close())
    await once(other, 'listening')
    const bound = other.address()
    const gate = openGate({ clock: systemClock, limits: gateDefaults, handle: tell })
    const port = typeof bound === 'object' ? (bound?.port ?? 0) : 0
    equal(await gate.listen({ host: '127.0.0.1', port }), 'the address is in use or not allowed: EADDRINUSE')
    match(
      String(await gate.listen({ host: '', port: 0, path: '/nowhere/a.sock' })),
      /^the address is in use or not allowed/,
    )
    match(String(await gate.listen(loopback, { key: 'x', cert: 'y' })), /PEM|decoder|start line/i)
  })
})

/** Key and certificate for `name`. */
function certify(t: TestContext, name: string): { key: Buffer; cert: Buffer } {
  const directory = createDirectory(t)
  const [key, cert] = [join(directory, 'key.pem'), join(directory, 'cert.pem')]
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  execFileSync('openssl', ['req', '-x509', ...kind, '-keyout', key, '-out', cert, '-subj', `/CN=${name}`], {
    stdio: 'ignore',
  })
  return { key: readFileSync(key), cert: readFileSync(cert) }
}

describe('a TLS door', () => {
  const join = async ({ port }: Address) => {
    const socket = connectTls({
      port,
      host: '127.0.0.1',
      rejectUnauthorized: false,
      ALPNProtocols: ['h2', 'http/1.1'],
    })
    await once(socket, 'secureConnect')
    return socket
  }
  const talk = async (socket: Socket, text: string) => {
    socket.write(text)
    let answer = ''
    for await (const bytes of socket.iterator({ destroyOnReturn: false })) {
      answer += bytes
      if (answer.includes('GET /a')) return answer
    }
    return answer
  }

  test('serves, tells that it is one, and takes another certificate while connections stay', async t => {
    const gate = openGate({
      clock: systemClock,
      limits: gateDefaults,
      handle: exchange => exchange.reply(200, 'OK', [], `${exchange.isTls} ${exchange.remoteAddress} GET /a`),
    })
    t.after(() => gate.close())
    const door = await gate.listen(loopback, certify(t, 'first'))
    ok(typeof door !== 'string')
    const first = await join(door.address)
    t.after(() => first.destroy())
    equal(first.alpnProtocol, 'http/1.1')
    match(await talk(first, get), /true 127\.0\.0\.1/)
    match(String(door.renew({ key: 'x', cert: 'y' })), /PEM|decoder|start line/i)
    equal(door.renew(certify(t, 'second')), undefined)
    const second = await join(door.address)
    t.after(() => second.destroy())
    equal(first.getPeerCertificate().subject.CN, 'first')
    equal(second.getPeerCertificate().subject.CN, 'second')
    await talk(first, get)
    first.end()
    await until('its end', () => gate.connections() === 1)
    gate.close()
    await once(second, 'close')
  })

  test('closes what is no handshake, and who never makes one', async t => {
    const { connect, gate, time } = await serveGate(t, { tls: certify(t, 'a'), handle: tell })
    const plain = connect().send(get)
    await plain.ended()
    equal(gate.counters.handshakesFailed, 1)
    await until('its end', () => gate.connections() === 0)
    // Nobody has more than the minute that everybody has for a head, however far the handshake came.
    const hello = clientHello()
    const begun = ['', hello.subarray(0, 1), hello.subarray(0, 60), hello]
    const clients = begun.map(bytes => connect().send(bytes))
    await until('all', () => gate.connections() === clients.length)
    await clients.at(-1)?.waitFor('its answer', () => clients.at(-1)?.size)
    time.advance(60_001)
    for (const client of clients) await client.ended()
    await until('the end of all', () => gate.connections() === 0)
    deepEqual([gate.counters.requests, gate.counters.idle], [0, begun.length])
  })

  test('holds streams, is waited for, and cuts what is torn', async t => {
    const { address, exchange, gate } = await serveGate(t, { tls: certify(t, 'a') })
    const socket = await join(address)
    let size = 0
    socket.on('error', () => {})
    socket.write(get)
    const response = (await exchange(0)).respond(200, 'OK', [], { kind: 'chunked' })
    while (response.write(Buffer.alloc(60_000)));
    const drained = new Promise<void>(resolve => response.onDrained(resolve))
    socket.on('data', bytes => {
      size += bytes.length
    })
    await drained
    response.write(Buffer.from('end'))
    response.abort()
    await once(socket, 'close')
    ok(size > 60_000)
    equal(gate.connections(), 0)
  })
})
