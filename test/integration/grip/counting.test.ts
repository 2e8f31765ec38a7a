// What operators see of a node: Prometheus as the original has it (row 193), who is held, the end of one connection, and what
// waits for the rate beyond what may (row 192).
import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { AdminClient } from '../../helpers/admin-client.ts'
import { type GripNode, startGripNode } from '../../helpers/grip/node.ts'
import { isPushpinMissing, startPushpin } from '../../helpers/original-pushpin.ts'
import { freePorts } from '../../helpers/proxies.ts'
import { RawClient } from '../../helpers/raw-client.ts'
import { encodeRequest } from '../../helpers/raw-http.ts'
import { until } from '../../helpers/until.ts'

async function start(t: TestContext, environment: Readonly<Record<string, string>>, workers = 2) {
  const node = await startGripNode('*,id=all test', { workers, environment })
  t.after(() => node.daemon.process.kill('SIGKILL'))
  return node
}

async function streamOf(place: string, channel: string): Promise<RawClient> {
  const client = new RawClient(place)
  client.send(encodeRequest({ method: 'GET', target: `/stream?channel=${channel}` }))
  await client.head()
  return client
}

async function publish(control: string, items: readonly object[]): Promise<void> {
  const client = new RawClient(control)
  const body = JSON.stringify({ items })
  equal(
    (await client.send(encodeRequest({ method: 'POST', target: '/publish/', body })).answer()).status,
    200,
  )
  client.leave()
}

/** The samples, by their names. */
async function scrape(port: string, method = 'GET', target = '/any?path') {
  const client = new RawClient(port)
  const answer = await client.send(encodeRequest({ method, target, body: '' })).answer(method)
  equal(answer.status, 200)
  const headers = new Map(answer.headers)
  deepEqual([headers.get('content-type'), headers.get('connection')], ['text/plain', 'close'])
  await client.ended()
  const text = answer.body.toString()
  const families = [...text.matchAll(/^# HELP (\S+) .+\n# TYPE \1 (counter|gauge)\n\1 (\d+)$/gm)]
  return { text, samples: new Map(families.map(([, name = '', , value]) => [name, Number(value)])) }
}

const prefixed = [
  'x_request_received',
  'x_connection_connected',
  'x_connection_minute',
  'x_message_received',
  'x_message_sent',
]

/** Two clients are held, and one item reaches both. What it was asked before it served may still count in the original. */
async function playRow(t: TestContext, doors: { client: string; control: string; port: string }) {
  const { client, control, port } = doors
  const before = (await scrape(port)).samples
  deepEqual(
    prefixed.filter(name => !before.has(name)),
    [],
  )
  const grown = (samples: ReadonlyMap<string, number>, name: string) =>
    (samples.get(name) ?? 0) - (before.get(name) ?? 0)
  const clients = [await streamOf(client, 'p'), await streamOf(client, 'p')]
  t.after(() => clients.forEach(each => each.leave()))
  await until('the gauge to count both', async () => {
    return ((await scrape(port)).samples.get('x_connection_connected') ?? 0) >= 2
  })
  await publish(control, [{ channel: 'p', formats: { 'http-stream': { content: 'x' } } }])
  await until('the counters to have it', async () => {
    const { samples } = await scrape(port, 'POST', '/')
    return grown(samples, 'x_message_received') === 1 && grown(samples, 'x_message_sent') === 2
  })
}

test('row 193: Prometheus asks any path, and is told of all workers', async t => {
  const [first = 0, second = 0] = await freePorts(2)
  const node = await start(t, {
    RINGCAST_GRIP_PROMETHEUS_LISTEN: `127.0.0.1:${first}`,
    RINGCAST_GRIP_PROMETHEUS_PREFIX: 'x_',
    RINGCAST_GRIP_PROMETHEUS_PROXY_LISTEN: `127.0.0.1:${second}`,
  })
  await playRow(t, { ...node, port: `127.0.0.1:${first}` })
  const { samples } = await scrape(`127.0.0.1:${second}`)
  equal(samples.get('request_received'), 2)
  await node.stop()
})

test('row 193 holds of the original', { skip: isPushpinMissing() }, async t => {
  const [port = 0] = await freePorts(1)
  const settings = { prometheus_port: `127.0.0.1:${port}`, prometheus_prefix: 'x_' }
  const pushpin = await startPushpin('* test', settings)
  t.after(() => pushpin.stop())
  await playRow(t, { ...pushpin, port: `127.0.0.1:${port}` })
})

test('an address that is taken keeps the node from starting', async t => {
  const node = await start(t, {}, 1)
  const failed = await startGripNode('* test', {
    workers: 1,
    environment: { RINGCAST_GRIP_PROMETHEUS_LISTEN: node.control },
  }).then(
    () => 'started',
    error => String(error),
  )
  match(failed, /cannot listen on .* for Prometheus|RINGCAST_GRIP_PROMETHEUS_LISTEN/)
  await node.stop()
})

/** The answer of the admin listener, and what its body says. */
async function operate(node: GripNode, method: string, path: string) {
  const answer = await new AdminClient(node.daemon.address('admin')).ask(`/v1/grip/${path}`, { method })
  return { status: answer.status, body: answer.json() }
}

test('an operator sees who is held, in all workers, and closes one', async t => {
  const node = await start(t, {}, 3)
  const clients = await Promise.all(['a', 'b', 'b'].map(channel => streamOf(node.client, channel)))
  t.after(() => clients.forEach(each => each.leave()))
  const { status, body } = await operate(node, 'GET', 'connections')
  deepEqual([status, body.truncated], [200, false])
  const rows = body.connections as readonly Record<string, unknown>[]
  deepEqual(rows.map(({ channels }) => String(channels)).sort(), ['a', 'b', 'b'])
  for (const row of rows) {
    deepEqual(
      [row['type'], row['mode'], row['peer'], row['tls'], row['route']],
      ['http', 'stream', '127.0.0.1', false, 'all'],
    )
  }
  const { connections, truncated } = (await operate(node, 'GET', 'connections?channel=b&limit=1')).body
  deepEqual([connections.length, truncated], [1, true])
  const id = String(rows.find(({ channels }) => String(channels) === 'a')?.['id'])
  deepEqual(await operate(node, 'DELETE', `connections/${id}`), { status: 200, body: { id, closed: true } })
  await clients[0]?.ended()
  ok(clients.slice(1).every(client => !client.closed))
  const again = await operate(node, 'DELETE', `connections/${id}`)
  deepEqual([again.status, again.body.code], [404, 'connection-unknown'])
  equal((await operate(node, 'GET', 'connections?limit=0')).status, 422)
  equal((await operate(node, 'GET', 'connections?limit=1001')).status, 422)
  await node.stop()
})

const sixty = Array.from({ length: 60 }, (_, at) => ({
  channel: 'h',
  formats: { 'http-stream': { content: `${at},` } },
}))

test('row 192: who is beyond what may wait gets what it can without a hole, is cut and named', async t => {
  const environment = { RINGCAST_GRIP_MESSAGE_RATE: '40', RINGCAST_GRIP_MESSAGE_HWM: '30' }
  const node = await start(t, environment, 1)
  const client = await streamOf(node.client, 'h')
  await publish(node.control, sixty)
  const text = (await client.ended()).toString()
  const numbers = [...text.matchAll(/(\d+),/g)].map(([, number]) => Number(number))
  deepEqual(
    numbers,
    Array.from({ length: numbers.length }, (_, at) => at),
  )
  // What may wait, and what could leave at once.
  ok(numbers.length >= 30 && numbers.length < 60, `${numbers.length} came`)
  const line = await until('the line', () =>
    node.daemon.log.find(each => each['code'] === 'deliveries-waiting'),
  )
  deepEqual([line['peer'], line['route'], line['channel']], ['127.0.0.1', 'all', 'h'])
  ok(node.daemon.log.some(each => /no more than 40 deliveries/.test(String(each.msg))))
  const metrics = await new AdminClient(node.daemon.address('admin')).ask('/metrics')
  match(metrics.text, /ringcast_\w*stream_ends_total\{[^}]*reason="rate"[^}]*\} 1/)
  await node.stop()
})
