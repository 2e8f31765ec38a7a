// Ten million damaged requests, and every byte at every place of some sound ones, put there and put in between: chance
// rarely finds the one place where a certain byte matters.
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { compare } from '../helpers/gate/differential.ts'
import { soundRequests } from '../helpers/gate/mutations.ts'
import { progress, scaled } from '../helpers/soak/budget.ts'

test('Node.js reads alike whatever a gate accepts, with any byte at any place', async () => {
  progress(`gate: any byte at any place of ${soundRequests.length} requests`)
  for (const request of soundRequests) {
    for (let at = 0; at <= request.length; at++) {
      sweep(request, at)
      await setImmediate()
    }
  }
})

function sweep(request: Buffer, at: number): void {
  const [front, rest] = [request.subarray(0, at), request.subarray(at)]
  for (let byte = 0; byte < 256; byte++) {
    for (const behind of [rest, rest.subarray(1)]) {
      const bytes = Buffer.concat([front, Buffer.of(byte), behind])
      try {
        compare(bytes, [])
      } catch (cause) {
        throw new Error(`a find: ${JSON.stringify(bytes.toString('latin1'))}`, { cause })
      }
    }
  }
}

process.env['RINGCAST_FUZZ_RUNS'] = String(scaled(10_000_000))
await import('./gate-differential.test.ts')
