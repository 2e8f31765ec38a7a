// Faults of the original, shown cured: clients that come and go on a path neither end the process nor split a channel.
import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import { startDaemon } from '../../helpers/daemon.ts'
import { churn } from '../../helpers/pinghub/churn.ts'
import { joinPath, messagesOf, Publisher } from '../../helpers/pinghub/clients.ts'
import { RawClient } from '../../helpers/raw-client.ts'

test('51 subscribers get all 2,000 posts of 4 publishers in one order while 500 clients come and go', async t => {
  await churn(t, { steady: 51, passing: 500, publishers: 4, posts: 2_000, deadlineMs: 60_000 })
})

test('nothing is written to stderr while 1,700 clients come and go, each on a path of its own', async t => {
  // Every other one is accepted late, for its channel is the other worker's, and no other client is there.
  const daemon = await startDaemon({ workers: 2, environment: { RINGCAST_ONLY: 'pinghub' } })
  t.after(() => daemon.process.kill('SIGKILL'))
  for (let i = 0; i < 1_700; i++) {
    const { client } = await joinPath(daemon.address('pinghub'), `/passing-${i}`)
    client.leave()
  }
  equal(await daemon.stop(), 0)
  deepEqual(daemon.errors, [])
})

test('51 subscribers get all 4,000 posts that are pipelined over 20 connections, and go on', async t => {
  // A busy machine hands all of them to the worker in one turn, whose time is the floods' matter: one that took it
  // answers later, and who pipelines is closed.
  const environment = { RINGCAST_ONLY: 'pinghub', RINGCAST_NET_TURN_MS_MAX: '10000' }
  const daemon = await startDaemon({ workers: 1, environment })
  t.after(() => daemon.process.kill('SIGKILL'))
  const address = daemon.address('pinghub')
  const sockets = await Promise.all(Array.from({ length: 51 }, () => joinPath(address, '/pipe')))
  const clients = Array.from({ length: 20 }, (_, publisher) => {
    const posts = Array.from({ length: 200 }, (_, index) => {
      const body = `${publisher} ${index}`
      return `POST /pipe HTTP/1.1\r\nhost: t\r\ncontent-length: ${body.length}\r\n\r\n${body}`
    })
    return new RawClient(address).send(posts.join(''))
  })
  for (const client of clients) {
    await client.answers(200)
    deepEqual(new Set(client.statuses), new Set([200]))
  }
  const first = await messagesOf(sockets[0] ?? (await joinPath(address, '/pipe')), 4_000)
  for (const socket of sockets) deepEqual(await messagesOf(socket, 4_000), first)
  for (const publisher of clients.keys()) {
    const own = first.filter(text => text.startsWith(`${publisher} `))
    deepEqual(
      own,
      own.map((_, index) => `${publisher} ${index}`),
    )
    equal(own.length, 200)
  }
  const late = await joinPath(address, '/pipe')
  const publisher = new Publisher(address)
  await publisher.post('/pipe', 'last')
  for (const socket of sockets) equal((await messagesOf(socket, 4_001)).at(-1), 'last')
  deepEqual(await messagesOf(late, 1), ['last'])
  publisher.leave()
  for (const client of [...clients, ...sockets.map(socket => socket.client), late.client]) client.leave()
  equal(await daemon.stop(), 0)
  deepEqual(daemon.errors, [])
})
