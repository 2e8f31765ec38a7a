// The old process, with new ones that do not come up: until one has the channels for good it goes on, whatever becomes of that one.
import { deepEqual, equal, match } from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { systemClock } from '../../../src/std/clock.ts'
import type { Log } from '../../../src/telemetry/log.ts'
import { Line } from '../../../src/upgrade/line.ts'
import { Predecessor } from '../../../src/upgrade/predecessor.ts'
import { doorName, type FromPredecessor, type ToPredecessor } from '../../../src/upgrade/words.ts'

interface Scene {
  readonly steps: unknown[]
  readonly predecessor: Predecessor
  /** What a command hears, to the end. */
  upgrade(heardOne?: () => void): Promise<FromPredecessor[]>
}

const left = new Map([[0, Uint8Array.of(1)]])

async function scene(t: TestContext, how: string, answers = 1): Promise<Scene> {
  const folder = mkdtempSync(join(tmpdir(), 'upgrade-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const steps: unknown[] = []
  const program = join(import.meta.dirname, 'fixtures/successor.ts')
  const predecessor = new Predecessor({
    clock: systemClock,
    log: { error: () => {} } as unknown as Log, // the level that it uses
    folder,
    workers: 1,
    hasChannels: true,
    supervisor: {
      serving: () => [0],
      cede: () => void steps.push('cede'),
      ask(question) {
        steps.push(question)
        return Promise.resolve(answers === 1 ? left : new Map())
      },
    },
    start: (_, variables) =>
      spawn(process.execPath, [...process.execArgv, program, how], { env: { ...process.env, ...variables } }),
    sockets: () => Promise.resolve([]),
    giveUp: () => Promise.resolve(void steps.push('give up')),
    succeeded: () => void steps.push('succeeded'),
    lost: channels => void steps.push(['lost', channels]),
  })
  await predecessor.open()
  const path = join(folder, doorName)
  equal(statSync(path).mode & 0o777, 0o600)
  return {
    steps,
    predecessor,
    async upgrade(heardOne = () => {}) {
      const socket = connect(path)
      await once(socket, 'connect')
      const line = new Line<ToPredecessor, FromPredecessor>(socket, systemClock)
      line.say(['upgrade'])
      const heard: FromPredecessor[] = []
      for (let message = await line.any(); message !== undefined; message = await line.any()) {
        heard.push(message)
        heardOne()
      }
      return heard
    },
  }
}

const last = (heard: readonly FromPredecessor[]) => heard.at(-1)?.join(': ') ?? ''
const following = { ring: 'a ring', paths: ['/path/0'] }

describe('a new process', () => {
  test('takes the place of the old one', async t => {
    const { steps, upgrade } = await scene(t, 'serves')
    match(last(await upgrade()), /^done: process \d+ serves/)
    deepEqual(steps, ['hold', 'yield', 'cede', following, 'give up', 'succeeded'])
    match(last(await upgrade()), /^refused: another process has taken the place/)
  })

  test('that ends at once changes nothing, and the next one may try', async t => {
    const { steps, upgrade } = await scene(t, 'ends at once')
    match(last(await upgrade()), /^refused: process \d+ ended with 3; its last line says why$/)
    match(last(await upgrade()), /^refused: process \d+ ended with 3/)
    deepEqual(steps, [])
  })

  test('of another form is refused before anybody waits', async t => {
    const { steps, upgrade } = await scene(t, 'is of another form')
    match(last(await upgrade()), /^refused: version 9\.9\.9 cannot take over .* restart the node$/)
    deepEqual(steps, [])
  })

  test('that ends with the channels gives them back', async t => {
    const { steps, upgrade } = await scene(t, 'ends with the channels')
    match(last(await upgrade()), /^refused: process \d+ ended with 4; its last line says why$/)
    deepEqual(steps, ['hold', 'yield', 'resume'])
  })

  test('cannot be served by workers that do not answer: those that did go on', async t => {
    const { steps, upgrade } = await scene(t, 'serves', 0)
    match(last(await upgrade()), /^refused: 1 workers did not come to the end of hold/)
    deepEqual(steps, ['hold', 'resume'])
  })

  test('that ends before it serves ends the node, which keeps what it had', async t => {
    const { steps, upgrade } = await scene(t, 'ends before it serves')
    match(last(await upgrade()), /^refused: process \d+ ended with 5; its last line says why$/)
    deepEqual(steps, ['hold', 'yield', 'cede', following, 'give up', ['lost', left]])
  })

  test('is ended where the old one is to stop', async t => {
    const { predecessor, steps, upgrade } = await scene(t, 'is slow')
    const begun = Promise.withResolvers<void>()
    const heard = upgrade(begun.resolve)
    await begun.promise
    await predecessor.giveUp()
    match(last(await heard), /^refused: process \d+ ended with SIGKILL/)
    deepEqual(steps, [])
  })

  test('is started once at a time', async t => {
    const { upgrade } = await scene(t, 'serves')
    const [one, other] = await Promise.all([upgrade(), upgrade()])
    deepEqual([one, other].map(heard => last(heard).split(':')[0]).sort(), ['done', 'refused'])
  })
})
