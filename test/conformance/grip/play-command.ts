// Plays the rows of the publishing command: what it sends to a control door, byte for byte, and what it says.
import { deepEqual, equal } from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { after, before, describe, test } from 'node:test'
import { RawOrigin } from '../../helpers/raw-origin.ts'
import { type CommandRow, publishCommands } from './rows/publish-command.ts'

const path = '/publish/'

/** `command` stands before a row's own arguments. */
export function playCommand(title: string, command: readonly string[], skip: string | false): void {
  describe(title, { skip }, () => {
    let door: RawOrigin
    before(async () => {
      door = await RawOrigin.open()
      door.script({
        path,
        answers: [{ pieces: ['HTTP/1.0 200 OK\r\nContent-Length: 10\r\n\r\nPublished\n'], ends: 'close' }],
      })
    })
    after(() => door.close())
    for (const row of publishCommands) test(`${row.name} (${row.from})`, () => play(row, command, door))
  })
}

async function play(
  { args, item, error }: CommandRow,
  command: readonly string[],
  door: RawOrigin,
): Promise<void> {
  const earlier = door.received(path).length
  const [program = '', ...own] = command
  const child = spawn(program, [...own, '--spec', `http://${door.address}`, ...args])
  const said = { out: '', errors: '' }
  child.stdout.on('data', piece => {
    said.out += piece
  })
  child.stderr.on('data', piece => {
    said.errors += piece
  })
  const [code] = await once(child, 'close')
  deepEqual(
    { code, ...said },
    error === undefined ? { code: 0, out: 'Published\n', errors: '' } : { code: 1, out: '', errors: error },
  )
  const requests = door.received(path).slice(earlier)
  equal(requests.length, item === undefined ? 0 : 1)
  for (const { line, headers, body } of requests) {
    const named = (name: string) => headers.find(([each]) => each.toLowerCase() === name)?.[1]
    deepEqual(
      [line.replace(/ HTTP\/1\.[01]$/, ''), named('host'), named('content-type'), named('content-length')],
      [`POST ${path}`, door.address, 'application/json', String(body.length)],
    )
    equal(body.toString(), JSON.stringify(sorted({ items: [item] })))
  }
}

/** Keys are sorted, as the original's are. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1))
  return Object.fromEntries(entries.map(([key, each]) => [key, sorted(each)]))
}
