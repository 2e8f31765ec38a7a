// SockJS with the client that everybody has, in Node.js and in a real browser whose page is of another origin.
import { deepEqual, equal } from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { after, before, describe, test } from 'node:test'
import { isChromiumMissing, startChromium } from '../../helpers/chromium.ts'
import { type EchoOrigin, echoChannel, startEchoOrigin } from '../../helpers/grip/echo-origin.ts'
import { type GripNode, startGripNode, untilHeld } from '../../helpers/grip/node.ts'
import { SockJsClient } from '../../helpers/grip/sockjs-client.ts'
import { until } from '../../helpers/until.ts'

let origin: EchoOrigin
before(async () => {
  origin = await startEchoOrigin()
})
after(() => origin.stop())

const numbers = Array.from({ length: 20 }, (_, index) => String(index))
const echoes = numbers.map(number => `echo ${number}`)

for (const workers of [1, 3]) {
  describe(`with ${workers} workers`, () => {
    let node: GripNode
    let url = ''
    before(async () => {
      node = await startGripNode(`*,sockjs=/sockjs ${origin.address},over_http\n`, { workers })
      url = `http://${node.client}/sockjs`
    })
    after(() => node.stop())

    for (const transport of ['xhr-polling', 'websocket'] as const) {
      test(`${transport}: what is said comes back in order, and what is published comes`, async () => {
        const clients = Array.from({ length: 5 }, () => new SockJsClient(url, transport))
        for (const client of clients) await client.opened()
        for (const client of clients) for (const number of numbers) client.say(number)
        for (const client of clients) deepEqual(await client.hears(20), echoes)
        await untilHeld(node, echoChannel, 5)
        for (const number of ['one', 'two']) {
          await node.publish(echoChannel, { 'ws-message': { content: number } })
        }
        for (const client of clients) deepEqual(await client.hears(22), [...echoes, 'one', 'two'])
        const ended = origin.ends.length
        for (const client of clients) client.leave()
        await until('the origin to be told', () => origin.ends.length === ended + 5)
        await untilHeld(node, echoChannel, 0)
      })

      test(`${transport}: a close of the origin has its code and its reason`, async () => {
        const client = new SockJsClient(url, transport)
        await client.opened()
        client.say('a "b" \u2028 é 😀')
        deepEqual(await client.hears(1), ['echo a "b" \u2028 é 😀'])
        client.say('close me')
        equal(await client.parted(), '3001 bye')
      })
    }
  })
}

describe('a page of another origin', { skip: isChromiumMissing() }, () => {
  const library = readFileSync(
    createRequire(import.meta.url).resolve('sockjs-client/dist/sockjs.min.js'),
    'utf8',
  )

  test('talks by each transport that it may choose', async t => {
    origin.serve('/page', 'text/html', `<script>${library}</script><title>page</title>`)
    const node = await startGripNode(`*,sockjs=/sockjs ${origin.address},over_http\n`, { workers: 3 })
    t.after(() => node.stop())
    const browser = await startChromium()
    t.after(() => browser.stop())
    const page = await browser.open(`http://${origin.address}/page`)
    // Left to itself it gives a transport a third of a second, and the first call of a worker loads a library.
    for (const transport of ['xhr-polling', 'jsonp-polling', 'websocket']) {
      const said = await page.evaluate(`new Promise(resolve => {
        const heard = []
        const socket = new SockJS('http://${node.client}/sockjs', null, {
          transports: ['${transport}'],
          timeout: 60_000,
        })
        socket.onopen = () => {
          heard.push(socket.transport)
          socket.send('hi')
          socket.send('é')
        }
        socket.onmessage = ({ data }) => {
          heard.push(data)
          if (heard.length === 3) socket.send('close me')
        }
        socket.onclose = ({ code, reason }) => resolve([...heard, code, reason])
      })`)
      deepEqual(said, [transport, 'echo hi', 'echo é', 3001, 'bye'])
    }
  })
})
