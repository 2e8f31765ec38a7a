// Requests of zhttpreq targets (contract §2.7): their bytes, what is no answer, and where they go.
import { deepEqual, equal } from 'node:assert/strict'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { answerBytesMax, formatRequest, readAnswer } from '../../../../src/frontends/grip/zmq/backend-wire.ts'
import { Backends } from '../../../../src/frontends/grip/zmq/backends.ts'
import type { Zeromq } from '../../../../src/frontends/grip/zmq/library.ts'
import { formatTnetstring, type Tnet } from '../../../../src/frontends/grip/zmq/tnetstring.ts'
import type { Log } from '../../../../src/telemetry/log.ts'
import { FakeClock } from '../../../helpers/fake-clock.ts'

const asked = {
  spec: 'tcp://127.0.0.1:1',
  method: 'POST',
  uri: 'http://t/x',
  rawHeaders: ['Host', 't', 'X-Latin', 'caf\xe9'],
  isUntrusted: false,
}

describe('a request', () => {
  test('is a T and a map', () => {
    const bytes = formatRequest('i', 'me', { ...asked, body: Buffer.from('b') })
    equal(
      bytes.toString('latin1'),
      'T165:2:id,1:i,4:from,2:me,6:method,4:POST,3:uri,10:http://t/x,7:headers,36:11:4:Host,1:t,]17:7:X-Latin,4:caf\xe9,]]4:body,1:b,8:max-size,7:1000000#15:ignore-policies,4:true!}',
    )
  })

  test('to an untrusted target leaves the policies in force', () => {
    const bytes = formatRequest('i', 'me', { ...asked, isUntrusted: true, body: Buffer.alloc(0) })
    equal(bytes.includes('ignore-policies'), false)
  })
})

describe('an answer', () => {
  const answer = (map: Record<string, Tnet>) =>
    readAnswer(Buffer.concat([Buffer.from('T'), formatTnetstring(map)]))
  const sound = { id: 'i', code: 200, reason: 'OK', headers: [['A', 'b']], body: 'hello' } as const

  test('is read', () => {
    deepEqual(answer(sound), {
      kind: 'answer',
      id: 'i',
      answer: { status: 200, reason: 'OK', rawHeaders: ['A', 'b'], body: Buffer.from('hello') },
    })
  })

  test('needs no reason, headers or body', () => {
    const { kind } = answer({ id: 'i', code: 204 })
    equal(kind, 'answer')
  })

  const wrong: readonly (readonly [what: string, map: Record<string, Tnet>])[] = [
    ['without a code', { id: 'i' }],
    ['with an informational one', { id: 'i', code: 100 }],
    ['with a code that is text', { id: 'i', code: '200' }],
    ['that splits its head', { ...sound, headers: [['A', 'b\r\nC: d']] }],
    ['that splits its reason', { ...sound, reason: 'OK\r\n' }],
    ['with a name that is none', { ...sound, headers: [['A b', 'c']] }],
    ['with a triple', { ...sound, headers: [['A', 'b', 'c']] }],
    ['of an error', { id: 'i', type: 'error', condition: 'bad-request' }],
    ['with a body that is none', { ...sound, body: 1 }],
    ['with one byte too many', { ...sound, body: Buffer.alloc(answerBytesMax + 1) }],
  ]
  for (const [what, map] of wrong)
    test(`${what} fails its request`, () => {
      const reading = answer(map)
      deepEqual([reading.kind, reading.kind === 'fault' && reading.id], ['fault', 'i'])
    })

  test('of as many bytes as may be', () => {
    equal(answer({ ...sound, body: Buffer.alloc(answerBytesMax) }).kind, 'answer')
  })

  test('without an id is nobody’s', () => {
    deepEqual(readAnswer(Buffer.from('T0:}')), {
      kind: 'fault',
      id: undefined,
      message: 'the answer is no tnetstring with an id',
    })
    equal(readAnswer(Buffer.from('nothing')).kind, 'fault')
  })
})

describe('a target that other machines reach', () => {
  function bound(spec: string, isDevelopment: boolean) {
    const told: string[] = []
    const note = ({ code }: { code?: string; target: string }) => void told.push(code ?? 'bound')
    class Dealer {
      closed = true
      bind = async () => {}
      close = () => {}
    }
    const backends = new Backends({
      zeromq: { Dealer } as unknown as Zeromq, // all that is asked of it
      clock: new FakeClock(),
      log: { info: note, warn: note, error: note } as unknown as Log<string>, // likewise
      isDevelopment,
      ipcMode: '',
      from: 'me',
      answerMs: 1_000,
      tell: (_slot, message) => void told.push(message[0]),
    })
    backends.want(0, [spec])
    return { backends, told }
  }

  test('is not bound in development', async () => {
    const { backends, told } = bound('tcp://0.0.0.0:1', true)
    await turn()
    backends.request(0, 1, { ...asked, spec: 'tcp://0.0.0.0:1', body: Buffer.alloc(0) })
    deepEqual(told, ['zmq-target-failed', 'failure'])
  })

  test('is warned of in production, and one on loopback is not', async () => {
    const { told } = bound('tcp://0.0.0.0:1', false)
    const local = bound('tcp://127.0.0.1:1', true)
    await turn()
    deepEqual([told, local.told], [['zmq-exposed', 'bound'], ['bound']])
  })
})

test('while no backend is there one request asks for all that wait, and all leave when it comes', async () => {
  let isThere = false
  let tries = 0
  let sent = 0
  class Dealer {
    closed = true
    bind = async () => {}
    close = () => {}
    async send() {
      tries++
      if (!isThere) throw Object.assign(new Error('nobody'), { code: 'EAGAIN' })
      sent++
    }
  }
  const clock = new FakeClock()
  const ignore = () => {}
  const backends = new Backends({
    zeromq: { Dealer } as unknown as Zeromq, // all that is asked of it
    clock,
    log: { info: ignore, warn: ignore, error: ignore } as unknown as Log<string>, // likewise
    isDevelopment: true,
    ipcMode: '',
    from: 'me',
    answerMs: 60_000,
    tell: ignore,
  })
  backends.want(0, [asked.spec])
  await turn()
  for (let number = 0; number < 50; number++) backends.request(0, number, { ...asked, body: Buffer.alloc(0) })
  backends.request(1, 7, { ...asked, body: Buffer.alloc(0) })
  backends.abort(1, 7)
  await turn()
  equal(tries, 51)
  for (let round = 0; round < 10; round++) {
    clock.advance(20)
    await turn()
  }
  equal(tries, 61)
  isThere = true
  clock.advance(20)
  await turn()
  equal(sent, 50)
})

test('a target with a file has that with the bits of the setting, in a folder that is made', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'backends-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const path = join(folder, 'new/socket')
  class Dealer {
    closed = true
    bind = async (endpoint: string) => writeFileSync(endpoint.replace('ipc://', ''), '')
    close = () => {}
  }
  const ignore = () => {}
  const backends = new Backends({
    zeromq: { Dealer } as unknown as Zeromq, // all that is asked of it
    clock: new FakeClock(),
    log: { info: ignore, warn: ignore, error: ignore } as unknown as Log<string>, // likewise
    isDevelopment: true,
    ipcMode: '600',
    from: 'me',
    answerMs: 1_000,
    tell: ignore,
  })
  backends.want(0, [`ipc://${path}`])
  await turn()
  equal(statSync(path).mode & 0o777, 0o600)
})
