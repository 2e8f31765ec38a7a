// Origins over TLS, on servers of Node's own: which certificate is good for which rule, what the handshake names, and what
// an origin is shown of ours (contract §2.3).
import { deepEqual, equal, match } from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { createServer, type Server } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, type TestContext, test } from 'node:test'
import type { TLSSocket } from 'node:tls'
import { type Authority, type Certificate, createAuthority } from '../../helpers/certificates.ts'
import { type GripNode, startGripNode } from '../../helpers/grip/node.ts'
import { RawClient } from '../../helpers/raw-client.ts'
import { encodeRequest } from '../../helpers/raw-http.ts'

/** What is undone behind all tests of a file. */
const ends: (() => void)[] = []
const whole = { after: (end: () => void) => void ends.push(end) } as Pick<TestContext, 'after'> // it passes nothing on

const refused = 'Error while proxying to origin.\n'

let folder: string
let known: Authority
let stranger: Authority
let node: GripNode
const servers: Server[] = []

/** Tells what it was asked, and by whom. */
function answer(request: IncomingMessage): string {
  const socket = request.socket as TLSSocket & { readonly servername: string | false } // of a TLS server
  const { host, 'x-forwarded-proto': proto } = request.headers
  const peer = socket.getPeerCertificate().subject?.CN ?? 'nobody'
  return [host, socket.servername, proto, peer].join(' ')
}

async function serve({ cert, key }: Certificate, ca?: string): Promise<number> {
  const wish = ca === undefined ? {} : { ca, requestCert: true, rejectUnauthorized: true }
  const server = createServer({ cert, key, ...wish }, (request, response) => {
    if (request.url === '/hold') {
      response.setHeader('grip-hold', 'stream')
      response.setHeader('grip-channel', 'tls')
    }
    response.end(`${answer(request)}\n`)
  }).listen(0, '127.0.0.1')
  servers.push(server)
  await once(server, 'listening')
  return Object(server.address()).port
}

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'grip-origins-'))
  ;[known, stranger] = [createAuthority(whole), createAuthority(whole)]
  const file = join(folder, 'ca.pem')
  writeFileSync(file, known.cert)
  const named = await serve(known.issue('DNS:a.example'))
  const local = await serve(known.issue('DNS:localhost', 'IP:127.0.0.1'))
  const strange = await serve(stranger.issue('DNS:a.example'))
  const asking = await serve(known.issue('DNS:a.example'), known.cert)
  const ours = known.issue()
  const theirs = stranger.issue()
  const pair = ({ certPath, keyPath }: Certificate) => `client_cert=${certPath},client_key=${keyPath}`
  node = await startGripNode(
    [
      `*,debug 127.0.0.1:${named},ssl`,
      `*,path_beg=/host/ 127.0.0.1:${named},ssl,host=a.example`,
      `*,path_beg=/as/,as_host=a.example 127.0.0.1:${named},ssl`,
      `*,path_beg=/wrong/ 127.0.0.1:${named},ssl,host=b.example`,
      `*,path_beg=/connect/ localhost:${local},ssl,trust_connect_host,host=b.example`,
      `*,path_beg=/address/ 127.0.0.1:${local},ssl,trust_connect_host`,
      `*,path_beg=/other/ 127.0.0.1:${named},ssl,trust_connect_host,host=a.example`,
      `*,path_beg=/strange/ 127.0.0.1:${strange},ssl,host=a.example`,
      `*,path_beg=/insecure/ 127.0.0.1:${strange},ssl,insecure,host=b.example`,
      `*,path_beg=/next/ 127.0.0.1:${strange},ssl,host=a.example 127.0.0.1:${named},ssl,host=a.example`,
      `*,path_beg=/asking/ 127.0.0.1:${asking},ssl,host=a.example`,
      `*,path_beg=/shown/ 127.0.0.1:${asking},ssl,host=a.example,${pair(ours)}`,
      `*,path_beg=/stranger/ 127.0.0.1:${asking},ssl,host=a.example,${pair(theirs)}`,
      `*,path_beg=/missing/ 127.0.0.1:${asking},ssl,host=a.example,client_cert=/nowhere,client_key=/nowhere`,
      '',
    ].join('\n'),
    { environment: { NODE_EXTRA_CA_CERTS: file } },
  )
})
after(async () => {
  await node.stop()
  for (const server of servers) {
    server.closeAllConnections()
    server.close()
  }
  for (const end of ends) end()
  rmSync(folder, { recursive: true })
})

async function ask(target: string, host = 'c.example'): Promise<string> {
  const client = new RawClient(node.client)
  client.send(encodeRequest({ method: 'GET', target, headers: [['host', host]] }))
  const { status, body } = await client.answer()
  client.leave()
  return `${status} ${body}`
}

const said = (host: string, name: string | false = host, peer = 'nobody') => `200 ${host} ${name}  ${peer}\n`

describe('an origin over TLS', () => {
  test('is asked by the name that it is asked for, and must have a certificate for it', async () => {
    equal(await ask('/', 'a.example'), said('a.example'))
    equal(await ask('/', 'a.example:8443'), said('a.example:8443', 'a.example'))
    match(await ask('/', 'c.example'), /^502 /)
    deepEqual(await Promise.all(['/host/', '/as/'].map(path => ask(path))), Array(2).fill(said('a.example')))
    equal(await ask('/wrong/'), `502 ${refused}`)
  })

  test('with trust_connect_host must have one for where it is', async () => {
    equal(await ask('/connect/'), said('b.example'))
    equal(await ask('/address/'), said('c.example'))
    equal(await ask('/other/'), `502 ${refused}`)
  })

  test('of a stranger is good with insecure alone, and else the next target is asked', async () => {
    equal(await ask('/strange/'), `502 ${refused}`)
    equal(await ask('/insecure/'), said('b.example'))
    equal(await ask('/next/'), said('a.example'))
  })

  test('that asks for a certificate is shown ours', async () => {
    equal(await ask('/asking/'), `502 ${refused}`)
    match(await ask('/shown/'), /^200 a\.example a\.example {2}leaf-\d\n$/)
    equal(await ask('/stranger/'), `502 ${refused}`)
    equal(await ask('/missing/'), `502 ${refused}`)
  })

  test('holds', async t => {
    const client = new RawClient(node.client)
    t.after(() => client.leave())
    client.send(encodeRequest({ method: 'GET', target: '/hold', headers: [['host', 'a.example']] }))
    equal((await client.head()).status, 200)
    equal(String(await client.chunk()), 'a.example a.example  nobody\n')
    await node.publish('tls', { 'http-stream': { content: 'x\n' } })
    equal(String(await client.chunk()), 'x\n')
  })
})
