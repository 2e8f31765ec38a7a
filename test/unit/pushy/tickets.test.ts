// Tickets: once, for half a minute, by nobody's own making.
import { deepEqual, equal, match, notEqual } from 'node:assert/strict'
import { test } from 'node:test'
import { Tickets } from '../../../src/frontends/pushy/tickets.ts'
import { systemRandom } from '../../../src/std/random.ts'
import { FakeClock } from '../../helpers/fake-clock.ts'

const grant = { channel: 'news', agent: 'browser', tokenExpires: undefined }

function createTickets(secrets = ['secret'], owns: (number: string) => boolean = () => true) {
  const clock = new FakeClock()
  return { clock, tickets: new Tickets(clock, systemRandom, secrets, owns) }
}

test('a ticket is opaque and redeemed once', () => {
  const { tickets } = createTickets()
  const ticket = tickets.issue(grant)
  match(ticket, /^[\w-]{54}$/)
  notEqual(tickets.issue(grant), ticket)
  const number = tickets.numberOf(ticket) ?? ''
  deepEqual([tickets.redeem(number), tickets.redeem(number)], [grant, undefined])
})

test('it is good for half a minute', () => {
  const { clock, tickets } = createTickets()
  const [early, late] = [tickets.issue(grant), tickets.issue(grant)]
  clock.advance(29_999)
  deepEqual(tickets.redeem(tickets.numberOf(early) ?? ''), grant)
  clock.advance(1)
  equal(tickets.redeem(tickets.numberOf(late) ?? ''), undefined)
})

test('a made-up ticket has no number, so no other worker is asked for it', () => {
  const { tickets } = createTickets()
  const ticket = tickets.issue(grant)
  const changed = (ticket.startsWith('0') ? '1' : '0') + ticket.slice(1)
  for (const text of ['', 'x', changed, `${ticket}A`, ticket.slice(1), ticket.toUpperCase()]) {
    equal(tickets.numberOf(text), undefined, text)
  }
})

test('a change of secrets leaves tickets valid as long as the old one is there', () => {
  const { tickets } = createTickets(['old'])
  const ticket = tickets.issue(grant)
  tickets.replaceSecrets(['new', 'old'])
  notEqual(tickets.numberOf(ticket), undefined)
  tickets.replaceSecrets(['new'])
  equal(tickets.numberOf(ticket), undefined)
})

test('the oldest of fifty thousand goes first', () => {
  const { tickets } = createTickets()
  const first = tickets.issue(grant)
  const second = tickets.issue(grant)
  for (let more = 0; more < 49_999; more++) tickets.issue(grant)
  equal(tickets.redeem(tickets.numberOf(first) ?? ''), undefined)
  deepEqual(tickets.redeem(tickets.numberOf(second) ?? ''), grant)
})

test('its number is one whose owner is the worker that handed it out', () => {
  const owns = (number: string) => Number.parseInt(number.slice(0, 2), 16) === 0x2a
  const { tickets } = createTickets(['secret'], owns)
  for (let count = 0; count < 20; count++) match(tickets.issue(grant), /^2a/)
})

test('where no number is its own, which chance does not bring about, it is handed out all the same', () => {
  const { tickets } = createTickets(['secret'], () => false)
  match(tickets.issue(grant), /^[\w-]{54}$/)
})
