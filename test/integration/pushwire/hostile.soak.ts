import { test } from 'node:test'
import { besiege } from '../../helpers/pushwire/strangers.ts'

const usual = { strangers: 10_000, authMs: 5_000, grownBytesMax: 4_096 }

test('10,000 sockets that never say who they are, and may all be there', t =>
  besiege(t, { ...usual, silentMax: 10_000, partBytes: 0 }))

test('10,000 sockets that never say who they are and send half of a message, of which 1,000 may be', t =>
  besiege(t, { ...usual, silentMax: 1_000, partBytes: 60_000 }))
