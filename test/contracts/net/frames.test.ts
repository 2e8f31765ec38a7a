// WebSockets on bare connections, against every row of the table of frames: what is heard of a far end that sends it, in one write and in
// chops, and what becomes of the connection.
import { deepEqual, equal } from 'node:assert/strict'
import { describe, test } from 'node:test'
import { roles, serveFrames } from '../../helpers/frames/frame-peers.ts'
import { until } from '../../helpers/until.ts'
import { bytesOf } from './frame-row.ts'
import { rows } from './frame-rows.ts'

/** Chops as Autobahn makes them, and no more of them than take a moment. */
const chopBytes = 997
const octetsMax = 300

for (const role of roles)
  describe(`as a ${role}`, () => {
    for (const { name, send, heard, fault } of rows)
      test(name, async t => {
        const scene = await serveFrames(t, { role })
        const bytes = Buffer.concat(bytesOf(send, role === 'server'))
        const chops = bytes.length <= octetsMax ? 1 : chopBytes
        for (const step of [bytes.length, chops]) {
          const ends = await scene.connect()
          for (let at = 0; at < bytes.length; at += step) {
            ends.far.client.send(bytes.subarray(at, at + step))
            if (step === 1) await new Promise(resolve => setImmediate(resolve))
          }
          const expected = fault === undefined ? heard : [...heard, `gone ${fault}`]
          await until(`${expected}`, () => ends.heard.events.length >= expected.length)
          await until('all of it', () => `${ends.heard.events}` === `${expected}` || ends.heard.isGone)
          deepEqual(ends.heard.events, expected)
          if (fault === undefined) ends.peer.cut()
          // Nothing was answered, a close frame neither.
          equal((await ends.far.client.ended()).length, 0)
        }
        deepEqual(scene.thrown, [])
        equal(scene.counters.faults, fault === undefined ? 0 : 2)
      })
  })
