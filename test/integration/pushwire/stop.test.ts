// What clients of a node that stops are told: goodbye, and each its own time to come back.
import { deepEqual, equal, match } from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { startDaemon } from '../../helpers/daemon.ts'
import { until } from '../../helpers/until.ts'

const each = 4

test('sockets and streams share the places, each of which is one client’s', async t => {
  const daemon = await startDaemon({
    workers: 1,
    environment: { RINGCAST_ONLY: 'pushwire', RINGCAST_RETURNS_PER_SECOND: '2' },
  })
  t.after(() => daemon.process.kill('SIGKILL'))
  const address = daemon.address('pushwire')
  const closes: { readonly code: number; readonly reason: string }[] = []
  const messages: string[][] = []
  for (let n = 0; n < each; n++) {
    const socket = new WebSocket(`ws://${address}/rps`)
    const heard: string[] = []
    messages.push(heard)
    socket.onopen = () =>
      socket.send(JSON.stringify({ op: 'auth', client_id: randomUUID(), capabilities: ['chat'] }))
    socket.onmessage = ({ data }) => heard.push(String(data))
    socket.onclose = ({ code, reason }) => closes.push({ code, reason })
  }
  const streams = await Promise.all(
    Array.from({ length: each }, () =>
      fetch(`http://${address}/rps/sse?client_id=${randomUUID()}&channels=chat`),
    ),
  )
  const texts = streams.map(stream => stream.text())
  await until('every socket to be in', () => messages.every(({ length }) => length > 0))
  equal(await daemon.stop(), 0)
  await until('every socket to be closed', () => closes.length === each)
  for (const heard of messages)
    deepEqual(JSON.parse(heard.at(-1) ?? ''), { op: 'goodbye', reason: 'shutdown' })
  const toldSockets = closes.map(({ code, reason }) => {
    equal(code, 1001)
    return Number(/^retry=(\d+)$/.exec(reason)?.[1])
  })
  const toldStreams = (await Promise.all(texts)).map(text => {
    // Their streams begin with the usual time; the last one counts.
    match(text, /\n\nretry: 1000\n\n/)
    return Number(/"op":"goodbye".*\n\nretry: (\d+)\n\n$/.exec(text)?.[1])
  })
  const places = [...toldSockets, ...toldStreams].map(ms => Math.floor((ms - 100) / 500))
  deepEqual(
    places.sort((a, b) => a - b),
    Array.from({ length: 2 * each }, (_, index) => index),
  )
})
