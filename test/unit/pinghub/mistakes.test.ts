import { deepEqual } from 'node:assert/strict'
import { test } from 'node:test'
import { mistakesIn } from '../../../src/frontends/pinghub/mistakes.ts'
import { type PinghubSettings, pinghubSection } from '../../../src/frontends/pinghub/settings.ts'
import { defaultsOf } from '../../helpers/defaults.ts'

const presets = defaultsOf<PinghubSettings>(pinghubSection.fields)

test('a pattern that begins with a slash is told, since it fits no channel', () => {
  deepEqual(mistakesIn({ ...presets, subscribe: ['news/*'] }), [])
  deepEqual(mistakesIn({ ...presets, subscribe: ['/news/*'] }), [
    "RINGCAST_PINGHUB_SUBSCRIBE has '/news/*', which fits no channel: a channel is a path without its first slash; did you mean news/*?",
  ])
})
