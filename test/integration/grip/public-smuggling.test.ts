// The public face of GRIP (issue 15): what is ambiguous, broken or odd stands before the running daemon, with a raw listener
// behind it. As many requests are read there as answers are given, and none of them is one that nobody sent.
import { deepEqual, equal, match } from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { rows as gateRows } from '../../contracts/net/gate-malformed.ts'
import type { GateRow } from '../../contracts/net/gate-malformed-row.ts'
import { rows as libraryRows } from '../../contracts/net/malformed.ts'
import type { Row } from '../../contracts/net/malformed-row.ts'
import { type GripStage, startGrip } from '../../helpers/grip-stage.ts'
import type { RawClient } from '../../helpers/raw-client.ts'
import { type OriginRequest, RawOrigin } from '../../helpers/raw-origin.ts'
import { until } from '../../helpers/until.ts'

/** Of the origin, as clients get it. */
const answered =
  /HTTP\/1\.[01] 200 OK\r\nContent-Type: text\/plain\r\n(?:Connection: [a-z-]+\r\n)?Content-Length: 3\r\n\r\nok\n/g
/** Said before a body is sent. */
const goOn = /HTTP\/1\.1 100 Continue\r\n\r\n/g
/** So many connections at a time, where it is not known beforehand what a row comes to. */
const together = 8
/** Nothing more comes of a row by then. */
const quietMs = 150
/** For what is answered at once on a quiet machine. */
const answerMsMax = 5_000

const answersIn = (text: string) => text.match(answered)?.length ?? 0

test('what is smuggled into the daemon does not come out behind it', async t => {
  const origin = await RawOrigin.open()
  t.after(() => origin.close())
  const stage = await startGrip(t, { routes: `* ${origin.address}`, workers: 1 })
  // No origin can be asked for `*`, which is answered 502: the row is among those below, too.
  for (const row of gateRows.filter(({ send }) => !send.startsWith('OPTIONS * ')))
    await t.test(row.name, () => playOne(row, stage, origin))
  await t.test('as many answers as requests, of what a library would take otherwise', child =>
    playMany(child, libraryRows, stage, origin),
  )
  equal(await stage.daemon.stop(), 0)
  deepEqual(stage.daemon.errors, [])
})

/** What is refused is told and closed, which is another matter there; what is taken is not. */
test('what is smuggled over TLS is answered and closed as elsewhere', async t => {
  const origin = await RawOrigin.open()
  t.after(() => origin.close())
  const stage = await startGrip(t, { routes: `* ${origin.address}`, workers: 1, isTls: true })
  for (const row of gateRows.filter(({ closed, send }) => closed && !send.startsWith('OPTIONS * ')))
    await t.test(row.name, () => playOne(row, stage, origin))
  equal(await stage.daemon.stop(), 0)
  deepEqual(stage.daemon.errors, [])
})

/** Cut in two: that must not change anything. */
async function playOne(row: GateRow, stage: GripStage, origin: RawOrigin): Promise<void> {
  const { send, served, told, closed } = row
  const seen = origin.requests.length
  const at = Math.floor((send.length * 2) / 3)
  const text = await play(stage, [send.slice(0, at), send.slice(at)], client =>
    closed ? client.closed : answersIn(client.text) >= served.length,
  )
  equal(answersIn(text), served.length)
  equal(text.replaceAll(goOn, '').replace(answered, ''), told)
  deepEqual(origin.requests.slice(seen).map(withoutTarget), served.map(withoutItsTarget))
}

/**
 * All clients stay until there are as many answers as requests: on a machine with much else to do an answer may come when its client has
 * been quiet for long, and who had left by then would not have counted it.
 */
async function playMany(
  t: TestContext,
  rows: readonly Row[],
  stage: GripStage,
  origin: RawOrigin,
): Promise<void> {
  const seen = origin.requests.length
  const queue = [...rows]
  const played: { readonly name: string; readonly client: RawClient }[] = []
  const worker = async () => {
    for (let row = queue.shift(); row !== undefined; row = queue.shift()) {
      const client = await stage.connect().connected()
      played.push({ name: row.name, client })
      await send(client, row.send, quiet())
    }
  }
  await Promise.all(Array.from({ length: together }, worker))
  const answers = () => played.reduce((sum, { client }) => sum + answersIn(client.text), 0)
  const requests = () => origin.requests.slice(seen)
  await until('the last answers', () => answers() >= requests().length, answerMsMax).catch(
    () => {}, // the comparison says what is missing
  )
  t.diagnostic(`${rows.length} rows, ${answers()} answers`)
  equal(answers(), requests().length)
  for (const { line } of requests()) match(line, /^[A-Z]+ \/\S* HTTP\/1\.1$/)
  for (const { name, client } of played) {
    const own = client.text.replaceAll(goOn, '').replaceAll(answered, '')
    if (own !== '') match(own, /^HTTP\/1\.[01] [45]\d\d /, name)
    client.leave()
  }
}

async function play(
  stage: GripStage,
  parts: readonly string[],
  isOver: (client: RawClient) => boolean,
): Promise<string> {
  const client = await stage.connect().connected()
  try {
    await send(client, parts, isOver)
    return client.text
  } finally {
    client.leave()
  }
}

async function send(
  client: RawClient,
  parts: readonly string[],
  isOver: (client: RawClient) => boolean,
): Promise<void> {
  for (const part of parts) {
    client.send(part)
    await new Promise(resolve => setTimeout(resolve, 2))
  }
  await until(JSON.stringify(parts), () => isOver(client), answerMsMax)
}

function quiet(): (client: RawClient) => boolean {
  let size = 0
  let changedMs = performance.now()
  return client => {
    if (client.size !== size) changedMs = performance.now()
    size = client.size
    return client.closed || performance.now() - changedMs > quietMs
  }
}

/** What is sent for a target is what was routed, dot segments and fragments aside: other tests look at it. */
const withoutTarget = ({ line, body }: OriginRequest) => `${line.split(' ')[0]} ${body}`
const withoutItsTarget = (request: string) => {
  const [method = '', , body = ''] = request.split(' ')
  return `${method} ${body}`
}
