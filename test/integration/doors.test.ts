// A front-end says where it is reached: each of its addresses leads to what serves that door, and has a name in the log
// and the statistics.
import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { doorsOf } from '../../src/app/doors.ts'
import { frontends } from '../../src/app/worker.ts'
import { launch, startDaemon } from '../helpers/daemon.ts'

const main = new URL('../helpers/whole/main.ts', import.meta.url)
const environment = { RINGCAST_ONLY: 'whole', RINGCAST_WHOLE_SUBSCRIBE: '*', RINGCAST_WHOLE_PUBLISH: '*' }

async function bodyOf(address: unknown): Promise<string> {
  return (await fetch(`http://${address}/`)).text()
}

describe('a front-end with doors of its own', () => {
  test('is reached at all of them, each by what serves it', async t => {
    const daemon = await startDaemon({ main, workers: 2, environment })
    t.after(() => daemon.process.kill('SIGKILL'))
    const lines = daemon.log.filter(line => line.msg === 'listening' && line['protocol'] === 'whole')
    deepEqual(
      lines.map(line => [line['door'], line['slot']]),
      [
        [undefined, undefined],
        ['control', undefined],
        [undefined, 0],
        [undefined, 1],
      ],
    )
    const bodies = []
    for (const { address } of lines) bodies.push(await bodyOf(address))
    deepEqual(bodies, ['main', 'control', 'near', 'near'])
    const [worker] = await daemon.statistics()
    deepEqual(
      Object.keys(worker ?? {}).filter(name => name.startsWith('net whole')),
      ['net whole', 'net whole control', 'net whole near'],
    )
    equal(await daemon.stop(), 0)
    deepEqual(daemon.errors, [])
  })

  test('may close some of them, but not all', async t => {
    const closed = { RINGCAST_WHOLE_LISTEN: 'off', RINGCAST_WHOLE_NEAR_LISTEN: 'off' }
    const daemon = await startDaemon({ main, workers: 1, environment: { ...environment, ...closed } })
    t.after(() => daemon.process.kill('SIGKILL'))
    const lines = daemon.log.filter(line => line.msg === 'listening' && line['protocol'] === 'whole')
    deepEqual([lines.length, await bodyOf(lines[0]?.['address'])], [1, 'control'])
    equal(await daemon.stop(), 0)
    const none = launch({
      main,
      environment: { ...environment, ...closed, RINGCAST_WHOLE_CONTROL_LISTEN: 'off' },
    })
    t.after(() => none.process.kill('SIGKILL'))
    equal(await none.ended, 1)
    match(none.errors.join(), /there is no protocol to start; every address is off/)
  })
})

test('every door of a protocol is an address setting of its section, or a list of them, and the first one alone has no name', () => {
  for (const frontend of frontends) {
    const doors = doorsOf(frontend)
    ok(doors.length > 0, `${frontend.name} is reached somewhere`)
    const fields: Readonly<Record<string, { readonly type: string }>> = frontend.section.fields
    for (const { setting, isGate } of doors) {
      const type = fields[setting]?.type
      ok(type === 'address' || (isGate && type === 'list'), `${frontend.name}.${setting} is a ${type}`)
    }
    deepEqual(
      doors.map(({ name }) => name === undefined),
      doors.map((_, index) => index === 0),
    )
    equal(new Set(doors.map(({ name }) => name)).size, doors.length)
  }
})
