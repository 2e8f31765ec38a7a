// Filters of a client's request, from its origin's instruction to what the client gets (contract §7).
import { deepEqual, equal } from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'
import { content, itemWith, response } from '../hold/given-hold.ts'
import { Scene } from './given-gateway.ts'

const next = ['Grip-Link', '</n>; rel=next'] as const
const checks = [
  'Grip-Hold',
  'stream',
  'Grip-Channel',
  'a; filter=http-check',
  'Grip-Set-Meta',
  'url="/check"',
] as const
const hint = itemWith({ stream: { action: 'hint' } })
const by = (sender: string) => ({ meta: new Map([['sender', sender]]) })

let scene: Scene
beforeEach(() => {
  scene = new Scene()
})

/** A stream whose first page has these headers. */
function open(headers: readonly string[], body = '', line = '* o:80') {
  const client = scene.serve(line)
  scene.origin.last.answer(200, body, ...headers)
  scene.mesh.settle()
  return client
}

describe('the meta of a subscription', () => {
  test('is what the origin set, and each page brings another', () => {
    const filtered = ['Grip-Hold', 'stream', 'Grip-Channel', 'a; filter=skip-self']
    const client = open([...filtered, 'Grip-Set-Meta', 'user=bob', ...next])
    scene.publish({ ...content('not;'), ...by('bob') })
    scene.publish({ ...content('one;'), ...by('al') })
    scene.publish(hint)
    scene.origin.last.answer(200, '', ...filtered, 'Grip-Set-Meta', 'user=al')
    scene.publish({ ...content('two;'), ...by('bob') })
    scene.publish({ ...content('nor;'), ...by('al') })
    deepEqual(client.response.written, ['one;', 'two;'])
    equal(scene.gateway.filters.counters.filtersDropped, 2)
  })

  test('may stand in a JSON instruction, of a long poll, too', () => {
    const client = scene.serve()
    const channels = [{ name: 'a', filters: ['var-subst'] }]
    const instruct = { hold: { channels, meta: { user: 'bob' } } }
    scene.origin.last.answer(200, JSON.stringify(instruct), 'Content-Type', 'application/grip-instruct')
    scene.mesh.settle()
    scene.publish(response('%(who)s'))
    scene.publish(response('for %(user)s'))
    deepEqual(client.got, ['200 for bob'])
    deepEqual(scene.lines, ["filter-failed filter error: var-subst: No such variable 'who' at position 6"])
  })
})

describe('a stream without filters', () => {
  test('is written the ready piece of all, beside one that has them', () => {
    const plain = open(['Grip-Hold', 'stream', 'Grip-Channel', 'a; filter=unknown, b'])
    const other = open(['Grip-Hold', 'stream', 'Grip-Channel', 'a'])
    scene.publish(content('one;'))
    deepEqual([plain.response.written, other.response.written], [['one;'], ['raw:4\r\none;\r\n']])
  })
})

describe('build-id in first bodies', () => {
  const ids = ['Grip-Hold', 'stream', 'Grip-Set-Meta', 'id_format="%(a)s"'] as const
  const filtered = [...ids, 'Grip-Channel', 'a; prev-id=p0; filter=build-id', ...next] as const

  test('has the ids of the instruction', () => {
    const client = open(filtered, 'id %I;')
    deepEqual([client.got, client.response.written], [['200 chunked'], ['id p0;']])
    scene.publish({ ...content('id %I;'), id: 'p1', prevId: 'p0' })
    deepEqual(client.response.written, ['id p0;', 'id p1;'])
  })

  test('has those of each page', () => {
    const client = open(filtered, '')
    scene.publish(hint)
    scene.origin.last.answer(200, 'id %I;', ...ids, 'Grip-Channel', 'a; prev-id=p5; filter=build-id', ...next)
    scene.mesh.settle()
    deepEqual(client.response.written, ['id p5;'])
  })

  test('is a head alone where it cannot be applied, and nothing is held', () => {
    const unfit = [...ids, 'Grip-Channel', 'a; filter=build-id'] as const
    const client = open(unfit, 'id %I;')
    deepEqual([client.got, scene.gateway.held, scene.subscribers], [['200 '], 0, 0])
    const why = 'filter error: build-id: No ID specified and no default ID in context at position 4'
    deepEqual(scene.lines, [`filter-failed ${why}`])
    const debugged = open(unfit, 'id %I;', '*,debug o:80')
    deepEqual(debugged.got, [`200 \n\n${why}\n`])
    equal(scene.gateway.filters.counters.filtersFailed, 2)
  })

  test('ends the stream where it cannot be applied to a page', () => {
    const client = open(filtered, '', '*,debug o:80')
    scene.publish(hint)
    scene.origin.last.answer(200, '%q', ...filtered)
    const why = "filter error: build-id: Unknown directive 'q' at position 1"
    deepEqual(client.response.written, [`\n\n${why}\n`, 'END'])
  })

  test('takes a body of 100,000 bytes, and no larger one', () => {
    const client = open(filtered, 'x'.repeat(100_000))
    deepEqual(
      client.response.written.map(({ length }) => length),
      [100_000],
    )
    const larger = open(filtered, 'x'.repeat(100_001))
    deepEqual(larger.got, ['502 Error while proxying to origin.\n'])
    scene.publish(hint)
    scene.origin.last.answer(200, 'x'.repeat(100_001), ...filtered)
    deepEqual(client.response.written.slice(1), ['END'])
  })
})

describe('http-check', () => {
  test('goes where links go, by the rule of the client, and says where it is', () => {
    const line = '*,path_beg=/,header=X-Rule:1 o:80'
    open([...checks, 'Grip-Channel', 'b; prev-id=b7', ...next], '', line)
    scene.publish({ ...content('one;'), ...by('al') })
    const { method, path } = scene.origin.last.request
    deepEqual([method, path], ['POST', '/check'])
    const names = ['host', 'sub-meta', 'pub-meta', 'grip-last', 'x-rule', 'content-type']
    deepEqual(names.map(scene.asked.bind(scene)), [
      ['h'],
      ['{"url":"/check"}'],
      ['{"sender":"al"}'],
      ['b; last-id=b7'],
      ['1'],
      [],
    ])
  })

  test('goes on from the page that the client had last', () => {
    const relative = [...checks.slice(0, 4), 'Grip-Set-Meta', 'url=check'] as const
    open([...relative, 'Grip-Link', '</deep/n>; rel=next'])
    scene.publish(content('one;'))
    equal(scene.origin.last.request.path, '/check')
    scene.origin.last.answer(204, '')
    scene.publish(hint)
    scene.origin.last.answer(204, '')
    scene.origin.last.answer(200, '', ...relative)
    scene.publish(content('two;'))
    equal(scene.origin.last.request.path, '/deep/check')
  })

  test('leads to no other host', () => {
    const client = open([...checks.slice(0, 4), 'Grip-Set-Meta', 'url="http://other/"'])
    scene.publish(content('one;'))
    deepEqual([client.response.written, scene.origin.calls.length], [[], 1])
    equal(scene.lines.length, 1)
  })

  test('is given up with its client', () => {
    const client = open(checks)
    scene.publish(content('one;'))
    client.leave()
    equal(scene.origin.last.isAborted, true)
    deepEqual([scene.gateway.held, scene.subscribers], [0, 0])
  })
})

describe('an origin that does not answer a filter', () => {
  test('costs nobody else anything', () => {
    const slow = open([...checks, 'Grip-Channel', 'b'])
    const quick = open(checks)
    const plain = open(['Grip-Hold', 'stream', 'Grip-Channel', 'a, b'])
    scene.publish(content('a;'))
    const [ofSlow, ofQuick] = scene.origin.calls.slice(-2)
    scene.publish(content('b;'), 'b')
    ofQuick?.answer(204, '')
    deepEqual(slow.response.written, [])
    deepEqual(quick.response.written, ['a;'])
    deepEqual(plain.response.written, ['raw:2\r\na;\r\n', 'raw:2\r\nb;\r\n'])
    scene.pass(9_999)
    deepEqual(slow.response.written, [])
    scene.pass(1)
    deepEqual(slow.response.written, ['b;'])
    equal(ofSlow?.isAborted, true)
    equal(scene.gateway.filters.counters.filtersFailed, 1)
  })

  test('makes a hundred items wait for its client, and by one more that one comes anew', () => {
    const slow = open([...checks, 'Grip-Channel', 'b'])
    const plain = open(['Grip-Hold', 'stream', 'Grip-Channel', 'b'])
    scene.publish(content('a;'))
    for (let count = 0; count < 100; count++) scene.publish(content('b;'), 'b')
    deepEqual([slow.response.written, scene.gateway.held], [[], 2])
    scene.publish(content('b;'), 'b')
    deepEqual([slow.response.written, scene.gateway.held], [['END'], 1])
    equal(plain.response.written.length, 101)
    equal(scene.origin.last.isAborted, true)
  })

  test('is asked by as many clients as there may be in a second', () => {
    scene = new Scene({ filterRequestsPerSecond: 2 })
    const clients = [open(checks), open(checks), open(checks)]
    const asked = scene.origin.calls.length
    scene.publish(content('a;'))
    equal(scene.origin.calls.length, asked + 2)
    equal(scene.gateway.filters.allotment.waiting, 1)
    scene.pass(1_000)
    equal(scene.origin.calls.length, asked + 3)
    for (const call of scene.origin.calls.slice(asked)) call.answer(204, '')
    deepEqual(
      clients.map(({ response }) => response.written),
      [['a;'], ['a;'], ['a;']],
    )
  })
})
