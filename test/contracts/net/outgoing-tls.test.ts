// Origins behind TLS: what a certificate must be for, what is named in the handshake, and who we are.
import { deepEqual, equal, match } from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { type TestContext, test } from 'node:test'
import type { TlsOptions } from 'node:tls'
import { TLSSocket } from 'node:tls'
import type { OriginTarget } from '../../../src/net/outgoing/target.ts'
import { type Authority, type Certificate, createAuthority } from '../../helpers/certificates.ts'
import { getOf, Heard, openTestOrigins } from '../../helpers/outgoing.ts'
import { answering, openRawOrigin, type RawOrigin } from '../../helpers/outgoing-origin.ts'
import { until } from '../../helpers/until.ts'

const serve = answering('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')

async function open(
  t: TestContext,
  certificate: (authority: Authority) => Certificate,
  more: TlsOptions = {},
) {
  const authority = createAuthority(t)
  const { cert, key } = certificate(authority)
  const origin = await openRawOrigin(t, { tls: { cert, key, ...more }, serve })
  const origins = await openTestOrigins(t, { authorities: [authority.cert], connectMs: 5_000 })
  const ask = (target: Partial<OriginTarget>) =>
    new Heard(origins, getOf(0, { target: { host: '127.0.0.1', port: origin.port, isTls: true, ...target } }))
  return { authority, origin, origins, ask }
}

/** The name in the handshake of that connection. */
async function namedIn(origin: RawOrigin, number = 0): Promise<unknown> {
  const { socket } = await origin.connection(number)
  return socket instanceof TLSSocket ? socket.servername : undefined
}

test('a certificate for the host is taken, and its address is not named in the handshake', async t => {
  const { ask, origin } = await open(t, authority => authority.issue('IP:127.0.0.1'))
  await ask({}).ended()
  equal(await namedIn(origin), false)
})

test('a server name is named in the handshake, and the certificate must be for it, whatever the Host is', async t => {
  const { ask, origin } = await open(t, authority => authority.issue('DNS:b.example'))
  await ask({ serverName: 'b.example' }).ended()
  equal(await namedIn(origin), 'b.example')
  for (const target of [{}, { serverName: 'c.example' }]) {
    const { phase, code } = await ask(target).failed()
    deepEqual([phase, code], ['connecting', 'certificate-name-wrong'])
  }
})

test('another name than that of the handshake may be verified', async t => {
  const { ask, origin } = await open(t, authority => authority.issue('IP:127.0.0.1'))
  const serverName = 'b.example'
  await ask({ serverName, verifyName: '127.0.0.1' }).ended()
  equal(await namedIn(origin), 'b.example')
  equal((await ask({ serverName, verifyName: '127.0.0.2' }).failed()).phase, 'connecting')
})

test('a certificate that nobody vouches for is refused, and taken by whoever takes any', async t => {
  const { ask } = await open(t, () => createAuthority(t).issue('IP:127.0.0.1'))
  const { phase, code } = await ask({}).failed()
  equal(phase, 'connecting')
  match(code, /UNABLE_TO_VERIFY|SELF_SIGNED/)
  await ask({ isInsecure: true, serverName: 'other.example' }).ended()
  equal((await ask({}).failed()).code, code)
})

test('a client certificate is shown; one that cannot be read fails while connecting, until it can', async t => {
  const authority = createAuthority(t)
  const more = {
    requestCert: true,
    rejectUnauthorized: true,
    ca: authority.cert,
    maxVersion: 'TLSv1.2',
  } as const
  const { cert, key } = authority.issue('IP:127.0.0.1')
  const origin = await openRawOrigin(t, { tls: { cert, key, ...more }, serve })
  const origins = await openTestOrigins(t, { authorities: [authority.cert] })
  const own = authority.issue()
  const target = { host: '127.0.0.1', port: origin.port, isTls: true }
  const clientCertificate = { certificate: own.certPath, key: own.keyPath }
  await new Heard(origins, getOf(0, { target: { ...target, clientCertificate } })).ended()
  const anonymous = await new Heard(origins, getOf(0, { target })).failed()
  equal(anonymous.phase, 'connecting')
  origins.close()
  const later = await openTestOrigins(t, { authorities: [authority.cert] })
  rmSync(own.certPath)
  const unreadable = new Heard(later, getOf(0, { target: { ...target, clientCertificate } }))
  const { phase, code } = await unreadable.failed()
  deepEqual([phase, code], ['connecting', 'certificate-unreadable'])
})

test('a port that speaks no TLS fails while connecting, and so does one that says nothing', async t => {
  const origins = await openTestOrigins(t, { connectMs: 200 })
  const plain = await openRawOrigin(t, { serve: connection => connection.say('hello, this is no TLS\r\n') })
  const target = { host: '127.0.0.1', port: plain.port, isTls: true }
  const failure = await new Heard(origins, getOf(0, { target })).failed()
  deepEqual([failure.phase, failure.wasReused], ['connecting', false])
  const silent = await openRawOrigin(t)
  const late = await new Heard(origins, getOf(0, { target: { ...target, port: silent.port } })).failed()
  deepEqual([late.phase, late.code], ['connecting', 'connect-timeout'])
  const { isClosed } = await silent.connection()
  await until('the close', () => isClosed || silent.connections[0]?.isClosed)
})

test('a handshake that was aborted closes its connection', async t => {
  const origins = await openTestOrigins(t)
  const silent = await openRawOrigin(t)
  const target = { host: '127.0.0.1', port: silent.port, isTls: true }
  const heard = new Heard(origins, getOf(0, { target }))
  const connection = await silent.connection()
  heard.call.abort()
  await until('the close', () => connection.isClosed)
  equal(origins.connections, 0)
})

test('a connection is used again, and a second one resumes the session of the first', async t => {
  const { ask, origin, origins } = await open(t, authority => authority.issue('IP:127.0.0.1'))
  await ask({}).ended()
  await ask({}).ended()
  equal(origin.connections.length, 1)
  const both = [ask({}), ask({})]
  for (const heard of both) await heard.ended()
  equal(origin.connections.length, 2)
  const { socket } = await origin.connection(1)
  equal(socket instanceof TLSSocket && socket.isSessionReused(), true)
  equal(origins.targets, 1)
})
