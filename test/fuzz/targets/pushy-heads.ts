// What pushy reads of a head before anybody is known, as long as a head may be.
import { isGranted } from '../../../src/frontends/pushy/channel-grants.ts'
import { cookieOf, isListed } from '../../../src/frontends/pushy/origins.ts'
import { readParameters, segmentsOf } from '../../../src/frontends/pushy/parameters.ts'
import { readStart } from '../../../src/frontends/pushy/resume.ts'
import { Tickets } from '../../../src/frontends/pushy/tickets.ts'
import { FakeClock } from '../../helpers/fake-clock.ts'
import type { Target } from '../target.ts'
import { longHeads } from './long-heads.ts'

const tickets = new Tickets(new FakeClock(), { hex: () => '0' }, ['s'], () => true)
const none = new Uint8Array(0)
const patterns = Array.from({ length: 20 }, (_, n) => `${'*.'.repeat(n % 16)}z`)

export const targets: readonly Target[] = [
  longHeads('pushy-long-heads', (text, exchange) => {
    for (const segment of segmentsOf(text).slice(0, 4)) isGranted(patterns, segment, 'wide')
    readParameters(text, text, none)
    const reading = readParameters(text, undefined, none)
    if (reading.ok) reading.parameters.get('a')
    readStart(exchange)
    cookieOf(text, 'a')
    isListed(text, { origins: ['https://a.example'], cookie: '' })
    tickets.numberOf(text)
  }),
]
