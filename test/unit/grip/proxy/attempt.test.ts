// One request to the targets of a rule (contract §2.5; §14, fault 33), and the built-in target (§2.6).
import { deepEqual, equal } from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'
import { Attempt } from '../../../../src/frontends/grip/proxy/attempt.ts'
import { ruleOf } from '../given.ts'
import { FakeOrigin } from './given-origin.ts'

let origin: FakeOrigin
let told: string[]

beforeEach(() => {
  origin = new FakeOrigin()
  told = []
})

function attempt({ line = '* a:1 b:2 c:3', method = 'GET', isWhole = true, path = '/' } = {}): Attempt {
  const { targets, pathBeg } = ruleOf(line)
  return new Attempt(
    origin.dispatch,
    {
      targets,
      method,
      request: ({ place }) => {
        const target = place.kind === 'tcp' ? place : { host: '', port: 0 }
        return { target, method, path, rawHeaders: [] }
      },
      isWhole: () => isWhole,
      test: { path, query: '', pathBeg },
    },
    {
      onHead: (_target, status) => void told.push(`${status}`),
      onBody: piece => told.push(piece.toString()) > 0,
      onEnd: () => void told.push('end'),
      onFailure: ({ phase, tried }) => void told.push(`failed ${phase} ${tried.join(' ')}`.trimEnd()),
    },
  )
}

const asked = () => origin.calls.map(({ request }) => request.target.host)

describe('targets', () => {
  test('are asked in turn where no connection came about, and all of them are named at last', () => {
    attempt()
    for (let count = 0; count < 3; count++) origin.last.fail({ phase: 'connecting' })
    deepEqual(asked(), ['a', 'b', 'c'])
    deepEqual(told, ['failed connecting a:1 b:2 c:3'])
  })

  test('are not asked once one of them was reached', () => {
    attempt()
    origin.last.fail({ phase: 'connecting' })
    origin.last.answer(503, 'no', 'X', '1')
    attempt()
    origin.last.fail({ phase: 'waiting' })
    deepEqual(asked(), ['a', 'b', 'a'])
    deepEqual(told, ['503', 'no', 'end', 'failed waiting'])
  })

  test('are asked no more once it was given up', () => {
    const given = attempt()
    given.abort()
    equal(origin.last.isAborted, true)
    origin.last.fail({ phase: 'connecting' })
    deepEqual(asked(), ['a'])
    deepEqual(told, [])
  })
})

describe('a connection that was kept, and that its origin closed', () => {
  test('is replaced once for a request that may be repeated', () => {
    attempt({ line: '* a:1' })
    origin.last.fail({ wasReused: true, phase: 'sending' })
    origin.last.fail({ wasReused: true, phase: 'waiting' })
    deepEqual(asked(), ['a', 'a'])
    deepEqual(told, ['failed waiting'])
  })

  test('is not for one that may do something twice, or whose body is gone, or whose answer has begun', () => {
    for (const given of [{ method: 'POST' }, { method: 'PATCH' }, { method: 'PUT', isWhole: false }]) {
      attempt(given)
      origin.last.fail({ wasReused: true })
    }
    attempt()
    origin.last.head(200)
    origin.last.fail({ phase: 'receiving' })
    attempt()
    origin.last.fail({ wasReused: false })
    equal(origin.calls.length, 5)
    deepEqual(
      told.filter(text => text.startsWith('failed')),
      ['failed waiting', 'failed waiting', 'failed waiting', 'failed receiving', 'failed waiting'],
    )
  })
})

describe('the built-in target', () => {
  const settled = () => new Promise<void>(resolve => queueMicrotask(resolve))

  test('answers by the path behind the one of its rule', async () => {
    const rows: readonly [line: string, path: string, answer: readonly string[]][] = [
      ['* test', '/', ['200', 'Hello from the Pushpin test handler!\n', 'end']],
      ['*,path_beg=/t/ test', '/t/', ['200', 'Hello from the Pushpin test handler!\n', 'end']],
      ['*,path_beg=/t/ test', '/t/x', ['404', 'no such test resource\n', 'end']],
    ]
    for (const [line, path, answer] of rows) {
      attempt({ line, path })
      deepEqual(told.splice(0), [], 'not before it was returned')
      await settled()
      deepEqual(told.splice(0), answer)
    }
  })

  test('holds, by an instruction as an origin gives it', async () => {
    attempt({ line: '* test', path: '/stream' })
    await settled()
    deepEqual(JSON.parse(told[1] ?? ''), {
      hold: { mode: 'stream', channels: [{ name: 'test' }] },
      response: { headers: [['Content-Type', 'text/plain']], body: '[stream opened]\n' },
    })
  })

  test('says nothing once it was given up', async () => {
    attempt({ line: '* test' }).abort()
    await settled()
    deepEqual(told, [])
  })
})
