// Requests of one session come to any worker: what they ask of each other, and what becomes of clients where one is lost.
import { deepEqual, equal, match } from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'
import { Questions } from '../../../../src/frontends/grip/browser/sockjs/questions.ts'
import { SockjsScene } from './given-sockjs.ts'

let scene: SockjsScene
beforeEach(() => {
  scene = new SockjsScene()
})

describe('a session of another worker', () => {
  test('is there for requests that come to any', async () => {
    const end = await scene.begin('b1')
    equal(scene.workers[1]?.counters['sockjsSessions'], 1)
    const poll = scene.poll('b1')
    deepEqual(scene.send('["a"]', 'b1', 1).got, ['200 ok'])
    end.text('b')
    await scene.turn()
    deepEqual([poll.got, end.heard], [['200 a["b"]\n'], ['text a']])
    end.text('c')
    deepEqual(scene.poll('b1', 1).got, ['200 a["c"]\n'])
  })

  test('belongs to the rule by which it came: others of its name are other sessions', async () => {
    await scene.begin('a1')
    deepEqual(scene.request('/1/a1/xhr_send', {}, 0, '*,id=x,sockjs=/s o:80').got, ['404 Not Found\n'])
  })

  test('asks its origin as its first request did', async () => {
    const rawHeaders = ['Cookie', 'c', 'Content-Length', '0', 'Content-Type', 'text/plain']
    scene.request('/1/b1/xhr?q=1', { rawHeaders })
    const { exchange, target, path } = scene.chosen()
    deepEqual([target, path, exchange.rawHeaders], ['/s?q=1', '/s', ['Host', 'h', 'Cookie', 'c']])
    equal(exchange.remoteAddress, '127.0.0.1')
  })

  test('is lost with its worker, and who waits is told within half a minute', () => {
    const poll = scene.poll('b1')
    scene.lost.add(1)
    scene.pass(31_000)
    deepEqual(poll.got, ['410 Session terminated\n'])
    match(String(scene.poll('b1').got), /^503 /)
    equal(scene.workers[0]?.counters['sockjsWaiting'], 0)
  })

  test('is waited for as long as it is there', async () => {
    scene.poll('b1')
    scene.pass(120_000)
    equal(scene.workers[0]?.counters['sockjsWaiting'], 1)
  })

  test('is over where the worker is lost whose client waits', async () => {
    const end = await scene.begin('b1')
    scene.poll('b1')
    scene.lost.add(0)
    end.text('a')
    await scene.turn()
    equal(end.heard.at(-1), 'gone')
    equal(scene.workers[1]?.counters['sockjsSessions'], 0)
  })

  test('tells nobody what was for somebody else', () => {
    const poll = scene.poll('b1')
    const said = { status: 200, reason: 'OK', rawHeaders: [], body: 'x' }
    equal(scene.workers[0]?.answer(JSON.stringify({ kind: 'tell', ticket: 'other', said })), false)
    deepEqual(poll.got, [])
  })
})

describe('a client that leaves', () => {
  test('while its poll is asked for loses the session', async () => {
    const end = await scene.begin('b1')
    scene.held = []
    const poll = scene.poll('b1')
    poll.leave()
    scene.release()
    deepEqual([end.heard, poll.got], [['gone'], []])
  })

  test('while its answer is on its way loses the session: it cannot know what it missed', async () => {
    const end = await scene.begin('b1')
    end.text('a')
    scene.held = []
    const poll = scene.poll('b1')
    const [asked] = scene.held.splice(0)
    poll.leave()
    scene.held.unshift(...(asked === undefined ? [] : [asked]))
    scene.release()
    await scene.turn()
    deepEqual([end.heard.at(-1), poll.got], ['gone', []])
  })

  test('while its answer is delivered loses the session', async () => {
    const end = await scene.begin('b1')
    const poll = scene.poll('b1')
    scene.held = []
    end.text('a')
    await scene.turn()
    poll.leave()
    scene.release()
    await scene.turn()
    deepEqual([end.heard.at(-1), poll.got], ['gone', []])
  })
})

describe('questions between workers', () => {
  const collect = () => {
    const asked: { readonly question: string; readonly done: (answer: unknown) => void }[] = []
    const answers: unknown[] = []
    const questions = new Questions((_, question, done) => void asked.push({ question, done }))
    const ask = (question: string) => questions.ask('key', question, answer => answers.push(answer))
    return { asked, answers, ask }
  }

  test('are 500 at a time, and the others wait in order', () => {
    const { asked, answers, ask } = collect()
    for (let number = 0; number < 502; number++) ask(String(number))
    equal(asked.length, 500)
    asked[7]?.done('x')
    deepEqual([answers, asked.length, asked[500]?.question], [['x'], 501, '500'])
    for (const { done } of asked.slice(8)) done('y')
    equal(asked.at(-1)?.question, '501')
  })

  test('that are answered at once need no depth', () => {
    const answers: unknown[] = []
    let left = 100_000
    const questions: Questions = new Questions((_, __, done) => done(left--))
    const again = (answer: unknown): void => {
      answers.push(answer)
      if (left > 0) questions.ask('key', '', again)
    }
    questions.ask('key', '', again)
    equal(answers.length, 100_000)
  })
})
