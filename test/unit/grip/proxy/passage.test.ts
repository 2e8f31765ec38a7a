// The life of one request: every way through it, and that each is answered once (contract §4, §5).
import { deepEqual, equal } from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'
import type { GateBody } from '../../../../src/net/gate/gate-exchange.ts'
import { content, itemWith } from '../hold/given-hold.ts'
import { Scene } from './given-gateway.ts'

const failed = '502 Error while proxying to origin.\n'
const polls = ['Grip-Hold', 'response', 'Grip-Channel', 'a'] as const
const streams = ['Grip-Hold', 'stream', 'Grip-Channel', 'a'] as const

let scene: Scene
beforeEach(() => {
  scene = new Scene()
})

/** Nothing of any request is left. */
function isIdle(): void {
  deepEqual([scene.gateway.held, scene.gateway.counters.asking, scene.subscribers], [0, 0, 0])
}

describe('a plain answer', () => {
  test('is passed on as it comes, with its length, at the speed of its client', () => {
    const client = scene.serve()
    scene.origin.last.head(200, 'Content-Length', '6')
    client.response.isWritable = false
    equal(scene.origin.last.body('one'), false)
    client.response.drain()
    deepEqual(scene.origin.last.told, ['resume'])
    scene.origin.last.body('two')
    scene.origin.last.end()
    deepEqual(client.got, ['200 length'])
    deepEqual(client.response.written, ['one', 'two', 'END'])
    isIdle()
  })

  test('that breaks off is cut', () => {
    const client = scene.serve()
    scene.origin.last.head(200)
    scene.origin.last.body('half')
    scene.origin.last.fail({ phase: 'receiving' })
    deepEqual(client.response.written, ['half', 'CUT'])
    isIdle()
  })

  test('whose client leaves is not wanted any more', () => {
    for (const hasHead of [false, true]) {
      const client = scene.serve()
      if (hasHead) scene.origin.last.head(200)
      client.leave()
      equal(scene.origin.last.isAborted, true)
      isIdle()
    }
  })

  test('that is none is a 502, which tells the cause to who debugs', () => {
    const client = scene.serve()
    scene.origin.last.fail()
    deepEqual(client.got, [failed])
    deepEqual(scene.lines, ['origin-failed it closed'])
    const debugged = scene.serve('*,debug o:80')
    scene.origin.last.fail({ phase: 'connecting' })
    deepEqual(debugged.got, ['502 Unable to connect to any targets. Tried: o:80\n'])
    isIdle()
  })

  test('of a rule without GRIP keeps its instructions', () => {
    const client = scene.serve('*,no_grip o:80')
    scene.origin.last.answer(200, 'body', ...streams)
    deepEqual([client.got, client.response.written], [['200 chunked'], ['body', 'END']])
  })
})

describe('an instruction', () => {
  test('without a hold or a link is an answer', () => {
    const client = scene.serve()
    scene.origin.last.answer(200, 'body', 'Grip-Status', '404')
    deepEqual(client.got, ['404 body'])
    isIdle()
  })

  test('that is none is a 502, whatever else comes', () => {
    const client = scene.serve()
    scene.origin.last.answer(200, 'body', 'Grip-Hold', 'nonsense')
    equal(scene.origin.last.isAborted, true)
    deepEqual(client.got, [failed])
    const large = scene.serve()
    scene.origin.last.answer(200, 'x'.repeat(100_001), ...polls)
    deepEqual(large.got, [failed])
    isIdle()
  })

  test('for a request that cannot be made again is refused', () => {
    const body: GateBody = {
      length: undefined,
      read(onChunk, onEnd) {
        onChunk(Buffer.alloc(100_001))
        onEnd()
      },
      pause() {},
      resume() {},
    }
    for (const instruct of [polls, streams]) {
      const client = scene.serve('* o:80', { method: 'POST', body })
      scene.origin.last.answer(200, '', ...instruct)
      deepEqual(client.got, ['400 Request too large to accept GRIP instruct.\n'])
      equal(scene.lines.pop(), 'request-too-large 400')
      isIdle()
    }
  })

  test('of JSON has its own answer', () => {
    const client = scene.serve()
    const json = JSON.stringify({ response: { code: 201, body: 'inner' } })
    scene.origin.last.answer(200, json, 'Content-Type', 'application/grip-instruct')
    deepEqual(client.got, ['201 inner'])
  })

  test('that comes when the node stops is a 503', () => {
    scene.mesh.engines[0]?.drain(0)
    for (const instruct of [polls, streams]) {
      const client = scene.serve()
      scene.origin.last.answer(200, 'body', ...instruct)
      deepEqual(client.got, ['503 Subscriptions are not possible now.\n'])
      isIdle()
    }
  })
})

describe('a stream', () => {
  test('is not seen before its channels are live, and its origin waits for that', () => {
    const client = scene.serve()
    const call = scene.origin.last
    call.head(200, ...streams)
    equal(call.body('page;'), false)
    deepEqual(client.got, [])
    scene.mesh.settle()
    deepEqual([client.got, call.told], [['200 chunked'], ['resume']])
    scene.publish(content('waits;'))
    call.body('more;')
    call.end()
    scene.mesh.settle()
    deepEqual(client.response.written, ['page;', 'more;', 'waits;'])
  })

  test('whose client is behind again as soon as its origin goes on is gone on with each time', () => {
    const client = scene.serve()
    const call = scene.origin.last
    call.head(200, ...streams)
    scene.mesh.settle()
    const parts = ['two;', 'three;']
    call.resume = () => {
      const part = parts.shift()
      client.response.isWritable = part === undefined
      if (part !== undefined) equal(call.body(part), false)
    }
    client.response.isWritable = false
    equal(call.body('one;'), false)
    client.response.drain()
    client.response.drain()
    client.response.drain()
    call.end()
    scene.mesh.settle()
    scene.publish(content('four;'))
    deepEqual(client.response.written, ['one;', 'two;', 'three;', 'raw:5\r\nfour;\r\n'])
  })

  test('has the whole of its page also where that came before its channels were live', () => {
    const client = scene.serve()
    scene.origin.last.answer(200, 'page;', ...streams)
    scene.mesh.settle()
    scene.publish(content('one;'))
    deepEqual(client.response.written, ['page;', 'raw:4\r\none;\r\n'])
    client.leave()
    isIdle()
  })

  test('ends in order by what is published, and then nothing is held', () => {
    const client = scene.serve()
    scene.origin.last.answer(200, '', ...streams)
    scene.mesh.settle()
    scene.publish(itemWith({ stream: { action: 'close' } }))
    deepEqual(client.response.written, ['END'])
    isIdle()
  })

  test('is a head alone for who asks for no more', () => {
    const client = scene.serve('* o:80', { method: 'HEAD' })
    scene.origin.last.answer(200, '', ...streams)
    scene.mesh.settle()
    deepEqual([client.got, client.response.written], [['200 chunked'], ['END']])
    isIdle()
  })

  test('whose first page breaks off is cut, or refused where nobody has seen it', () => {
    const unseen = scene.serve()
    scene.origin.last.head(200, ...streams)
    scene.origin.last.fail({ phase: 'receiving' })
    scene.mesh.settle()
    deepEqual(unseen.got, [failed])
    isIdle()
    const seen = scene.serve()
    scene.origin.last.head(200, ...streams)
    scene.mesh.settle()
    scene.origin.last.fail({ phase: 'receiving' })
    deepEqual(seen.response.written, ['CUT'])
    isIdle()
  })

  test('that is behind has its origin and its channels wait', () => {
    const client = scene.serve()
    const call = scene.origin.last
    call.head(200, ...streams)
    scene.mesh.settle()
    client.response.isWritable = false
    equal(call.body('page;'), false)
    client.response.drain()
    deepEqual(call.told, ['resume', 'resume'])
  })

  test('of a target has its channels, too', () => {
    const client = scene.serve('* o:80,sub=b')
    scene.origin.last.answer(200, '', ...streams)
    scene.mesh.settle()
    equal(scene.subscribers, 2)
    scene.publish(content('of b;'), 'b')
    deepEqual(client.response.written, ['raw:5\r\nof b;\r\n'])
  })
})
