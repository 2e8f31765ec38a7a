// Sessions of SockJS by polls (contract §12.3): what clients get, what origins hear, and when each is over.
import { deepEqual, equal, match } from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'
import { choiceOf, FakeExchange } from '../proxy/given-origin.ts'
import { bodyOf, SockjsScene } from './given-sockjs.ts'

let scene: SockjsScene
beforeEach(() => {
  scene = new SockjsScene()
})

const left = '200 c[3000,"Client already closed connection"]\n'
const missing = '404 Not Found\n'
const text = (count: number) => 'x'.repeat(count)

/** Nothing of any session is kept. */
function isIdle(): void {
  const [one, other] = scene.workers.map(({ counters }) => counters)
  deepEqual([one?.['sockjsSessions'], one?.['sockjsWaiting'], other?.['sockjsSessions']], [0, 0, 0])
  equal(scene.gateway.stored.bytes, 0)
}

describe('messages for the client', () => {
  test('wait for a poll, and one poll takes all of a turn', async () => {
    const end = await scene.begin()
    end.text('one')
    end.text('two "')
    deepEqual(scene.poll().got, ['200 a["one","two \\""]\n'])
    const poll = scene.poll()
    deepEqual(poll.got, [])
    end.text('three')
    end.text('four')
    await scene.turn()
    deepEqual(poll.got, ['200 a["three","four"]\n'])
  })

  test('of several pieces, or of bytes, are one text each', async () => {
    const end = await scene.begin()
    const bytes = Buffer.from('é')
    end.say.message('binary', bytes.subarray(0, 1), true, false)
    const poll = scene.poll()
    await scene.turn()
    deepEqual(poll.got, [])
    end.say.message('binary', bytes.subarray(1), false, true)
    await scene.turn()
    deepEqual(poll.got, ['200 a["é"]\n'])
  })

  test('that are published reach it, and pings do not', async () => {
    scene.poll()
    scene.end.open({ messagePrefix: '' }, 'c:{"type":"subscribe","channel":"a"}')
    await scene.turn()
    scene.end.say.ping(Buffer.from('p'))
    scene.publishAll('one', { action: 'send', type: 'ping', content: Buffer.from('p') }, 'two')
    deepEqual(scene.poll().got, ['200 a["one","two"]\n'])
  })

  test('beyond what may wait pause the origin, and the poll resumes it', async () => {
    const end = await scene.begin()
    end.text(text(65_536 - 65))
    deepEqual(end.heard, [])
    end.text('')
    deepEqual(end.heard, ['(pause)'])
    equal(scene.poll().got.length, 1)
    await scene.turn()
    deepEqual(end.heard, [])
  })

  test('beyond the bound end the session: what is lost must not be lost in silence', async () => {
    const end = await scene.begin()
    end.text(text(200_000 - 64))
    await scene.turn()
    deepEqual(end.heard, ['(pause)'])
    end.text('')
    await scene.turn()
    equal(end.heard.at(-1), 'gone')
    deepEqual(scene.send('["a"]').got, [missing])
    isIdle()
  })

  test('have room among all that is stored, or end the session', async () => {
    scene = new SockjsScene({ storedBytesMax: 1_048_576 })
    const end = await scene.begin()
    scene.gateway.stored.take(1_048_576 - 70)
    end.text('123456')
    await scene.turn()
    deepEqual(end.heard, [])
    end.text('')
    await scene.turn()
    deepEqual(end.heard, ['(pause)', 'gone'])
    equal(scene.gateway.stored.bytes, 1_048_576 - 70)
  })
})

describe('messages of the client', () => {
  test('are handed on in order, and answered when all are taken', async () => {
    const end = await scene.begin()
    end.isTaking = false
    const [one, two] = [scene.send('["a","b"]'), scene.send('["c"]')]
    deepEqual([one.got, two.got, end.heard], [[], ['400 Already sending\n'], ['text a']])
    end.isTaking = true
    end.say.drained()
    await scene.turn()
    deepEqual([one.got, end.heard], [['200 ok'], ['text a', 'text b']])
    deepEqual(scene.send('["c"]').got, ['200 ok'])
  })

  test('wait until the origin has accepted', async () => {
    const opening = scene.poll()
    const sent = scene.send('["early"]')
    scene.end.open()
    await scene.turn()
    deepEqual([opening.got, sent.got, scene.end.heard], [['200 o\n'], ['200 ok'], ['text early']])
  })

  test('are as many bytes as a request may have', async () => {
    await scene.begin()
    const fits = `["${text(99_996)}"]`
    for (const hasLength of [true, false]) {
      const length = (body: string) => (hasLength ? body.length : undefined)
      const ask = (body: string) => scene.request('/1/a1/xhr_send', { body: bodyOf(body, length(body)) })
      deepEqual(ask(fits).got, ['200 ok'])
      deepEqual(ask(`${fits} `).got, ['400 Request too large.\n'])
    }
  })

  test('are texts', async () => {
    await scene.begin()
    for (const body of ['', '{}', '[1]', '["a",null]', '"a"', '["a"', '[["a"]]']) {
      deepEqual(scene.send(body).got, ['400 Payload expected\n'])
    }
    deepEqual(scene.request('/1/a1/xhr_send', { body: bodyOf('') }).got, ['400 Payload expected\n'])
  })
})

describe('a session', () => {
  test('is told that it lives, each 25 seconds', async () => {
    await scene.begin()
    const poll = scene.poll()
    scene.pass(24_999)
    deepEqual(poll.got, [])
    scene.pass(2)
    deepEqual(poll.got, ['200 h\n'])
  })

  test('whose client does not poll for 5 seconds is over', async () => {
    const end = await scene.begin()
    scene.pass(4_999)
    deepEqual(end.heard, [])
    scene.pass(2)
    deepEqual(end.heard, ['gone'])
    isIdle()
  })

  test('whose client leaves its poll is over, and told so for 5 seconds', async () => {
    const end = await scene.begin()
    scene.poll().leave()
    deepEqual(end.heard, ['gone'])
    deepEqual(scene.poll().got, [left])
    scene.pass(5_001)
    isIdle()
  })

  test('whose client leaves before it is accepted is over', () => {
    scene.poll().leave()
    deepEqual(scene.end.heard, ['gone'])
    isIdle()
  })

  test('that its origin closes says so behind its messages, and for 5 seconds', async () => {
    const end = await scene.begin()
    end.text('last')
    end.say.closed(3001, Buffer.from('zz'))
    deepEqual(scene.poll().got, ['200 a["last"]\n'])
    deepEqual(scene.poll().got, ['200 c[3001,"zz"]\n'])
    await scene.turn()
    deepEqual(end.heard, ['close 3001'])
    deepEqual(scene.poll().got, ['200 c[3001,"zz"]\n'])
    deepEqual(scene.send('["a"]').got, ['200 c[3001,"zz"]\n'])
    scene.pass(5_001)
    isIdle()
  })

  test('that closes while a poll waits is told at once', async () => {
    const end = await scene.begin()
    const poll = scene.poll()
    end.say.closed(3001, Buffer.from('zz'))
    await scene.turn()
    deepEqual([poll.got, end.heard], [['200 c[3001,"zz"]\n'], ['close 3001']])
    scene.pass(5_001)
    isIdle()
  })

  test('that is closed while nobody polls is forgotten', async () => {
    const end = await scene.begin()
    end.say.closed(3001, Buffer.from('zz'))
    scene.pass(11_000)
    isIdle()
  })

  test('that its origin cuts ends what waits', async () => {
    const end = await scene.begin()
    end.isTaking = false
    const [poll, sent] = [scene.poll(), scene.send('["a","b"]')]
    end.say.disconnected()
    await scene.turn()
    deepEqual([poll.got, sent.got], [['410 Session terminated\n'], ['410 Session terminated\n']])
    isIdle()
  })

  test('that its origin refuses gets the answer', () => {
    const poll = scene.poll()
    scene.end.say.refused({ status: 403, reason: 'No', rawHeaders: [] }, Buffer.from('é'))
    deepEqual(poll.got, ['403 é'])
    isIdle()
  })

  test('has one poll at a time, of whatever kind', async () => {
    const opening = scene.poll()
    const second = '200 c[2010,"Another connection still open"]\n'
    deepEqual(scene.poll().got, [second])
    scene.end.open()
    await scene.turn()
    deepEqual(opening.got, ['200 o\n'])
    scene.poll()
    deepEqual(scene.request('/1/a1/jsonp?c=f', { method: 'GET' }).got, [
      '200 /**/f("c[2010,\\"Another connection still open\\"]");\n',
    ])
  })

  test('is told when the node stops', async () => {
    const end = await scene.begin()
    const poll = scene.poll()
    scene.sockets.drain(0, () => {})
    await scene.turn()
    deepEqual(poll.got, ['200 c[1012,"retry=100"]\n'])
    equal(end.heard.at(-1), 'leave')
    match(String(scene.poll('a2').got), /^503 /)
  })

  test('is one of so many', async () => {
    scene.settings.sockjsSessionsMax = 2
    await scene.begin('a1')
    await scene.begin('a2')
    match(String(scene.poll('a3').got), /^503 /)
    equal(scene.workers[0]?.counters['sockjsRefused'], 1)
    await scene.begin('b1')
  })

  test('has a name that is not too long', () => {
    deepEqual(scene.poll(text(257)).got, [missing])
    deepEqual(scene.poll(text(256)).got, [])
  })
})

test('very many texts of one request give others a turn', async () => {
  const end = await scene.begin()
  let texts = 0
  end.message = () => ++texts > 0
  const exchange = new FakeExchange('/s/1/a1/xhr_send', {
    method: 'POST',
    body: bodyOf(JSON.stringify(Array.from({ length: 200 }, () => ''))),
  })
  scene.workers[0]?.serve(choiceOf(exchange, '*,sockjs=/s o:80'))
  deepEqual([texts, exchange.got], [64, []])
  await scene.turn()
  deepEqual([texts, exchange.got], [200, ['200 ok']])
})
