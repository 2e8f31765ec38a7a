// The playground's client modules in Node.js, where the command line runs them: each hears why it is over, and is told the
// positions from which it can go on.
import { deepEqual, equal, match } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { frontends } from '../../src/app/worker.ts'
import type { PlayClient } from '../../src/frontends/play.ts'
import type { PlayData } from '../../src/playground/entry.ts'
import { startDaemon } from '../helpers/daemon.ts'
import { development } from '../helpers/development.ts'
import { hear, serve } from '../helpers/play-clients.ts'
import { protocols } from '../helpers/protocols/ground.ts'
import { freePort } from '../helpers/proxies.ts'
import { until } from '../helpers/until.ts'

const clients: Record<string, PlayClient> = {}
for (const { name, play } of frontends) if (play !== undefined) clients[name] = await play.load()
/** Whose wire tells positions. */
const counting = protocols.filter(({ hasPositions }) => hasPositions).map(({ name }) => name)

/** In a browser's words a handshake says nothing of the reason. */
const refused: Readonly<Record<string, RegExp>> = {
  pinghub: /^the handshake was refused, or not answered/,
  pushwire: /^the handshake was refused, or not answered/,
  pushy: /^refused with 403: no$/,
  rpushd: /^refused with 403: no$/,
}
const absent: Readonly<Record<string, RegExp>> = {
  ...refused,
  pushy: /^the connection broke: /,
  rpushd: /^the connection broke: /,
}

for (const [name, client] of Object.entries(clients)) {
  describe(`the client of ${name}`, () => {
    const credentials = { token: 't', secret: 's', id: 'i' }

    test('hears once that it is refused, and that nobody answers', async t => {
      const places = [
        [(await serve(t, 403, 'no')).url, refused],
        [`http://127.0.0.1:${await freePort()}`, absent],
      ] as const
      for (const [url, reasons] of places) {
        const heard = hear(t, client, { url, channel: 'demo', credentials })
        await until('the end', () => heard.length > 0)
        equal(heard.length, 1)
        match(heard[0] ?? '', new RegExp(`^closed ${reasons[name]?.source.slice(1) ?? '\\w'}`))
      }
    })

    // Where the channel is a value of the query, or stands in a message, every name is one.
    if (name === 'grip' || name === 'pushwire') return
    test('says of . and .. that no URL names them, and asks nobody', async t => {
      const { url, asked } = await serve(t, 204, '')
      for (const channel of ['.', '..']) {
        const target = { url: `${url}/play/x`, channel, credentials }
        const heard = hear(t, client, target)
        await until('the end', () => heard.length > 0)
        const sentence = 'not sent: no URL can name a channel that is called . or ..'
        deepEqual(heard, [`closed ${sentence}`])
        // There the channel is no part of the URL.
        const answer = name === 'rpushd' ? undefined : await client.publish(target, '1')
        if (answer !== undefined) deepEqual(answer, { ok: false, status: 0, text: sentence })
      }
      equal(asked(), 0)
    })
  })
}

test('each client is told where it begins, counts from there, and hears of the end of the node', async t => {
  const daemon = await startDaemon({
    workers: 2,
    environment: { ...development, RINGCAST_HISTORY_SIZE: '10' },
  })
  t.after(() => daemon.process.kill('SIGKILL'))
  const url = `http://${daemon.address('admin')}`
  const response = await fetch(`${url}/play/data?channel=demo`)
  const { protocols } = (await response.json()) as PlayData // what the node makes it of
  const targetOf = (name: string) => {
    const { path, credentials } = protocols.find(entry => entry.name === name) ?? {
      path: '',
      credentials: {},
    }
    return { url: url + path, channel: 'demo', credentials }
  }
  const heard = counting.map(name => hear(t, clients[name], targetOf(name)))
  await until('all to be open', () => heard.every(({ length }) => length === 1))
  const [first = ''] = heard[0] ?? []
  match(first, /^opened \w+\.\d+$/)
  const [, epoch, offset = ''] = /^opened (.*)\.(\d+)$/.exec(first) ?? []
  const [by = ''] = counting
  equal((await clients[by]?.publish(targetOf(by), '{"n":1}'))?.ok, true)
  await until('it by all', () => heard.every(({ length }) => length === 2))
  for (const own of heard) {
    const plain = own.map(text => text.replace(/,"timestamp":\d+/, ''))
    deepEqual(plain, [first, `{"n":1} ${epoch}.${Number(offset) + 1}`])
  }
  // Behind a position of another time something is missing, and the client is told where it is now.
  const lost = counting.map(name => hear(t, clients[name], { ...targetOf(name), since: 'other.1' }))
  await until('the gap', () => lost.every(({ length }) => length >= 2))
  for (const [opened, missed] of lost) {
    match(opened ?? '', new RegExp(`^opened ${epoch}\\.\\d+$`))
    equal(missed, opened?.replace('opened', 'missed'))
  }
  daemon.process.kill('SIGKILL')
  await until('the end by all', () => heard.every(own => own.at(-1)?.startsWith('closed ')))
})
