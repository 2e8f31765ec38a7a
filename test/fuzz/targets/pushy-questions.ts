// What pushy reads of a request beside its body: paths, queries, grants and patterns, cookies, positions and tickets.
import assert, { deepEqual, equal } from 'node:assert/strict'
import {
  covers,
  grantsOf,
  isGranted,
  isPattern,
  type Wildcards,
} from '../../../src/frontends/pushy/channel-grants.ts'
import { isEventName, isIdempotencyKey } from '../../../src/frontends/pushy/codec.ts'
import { readClaims } from '../../../src/frontends/pushy/minting.ts'
import { cookieOf, isListed } from '../../../src/frontends/pushy/origins.ts'
import { need, readParameters, segmentsOf, textsOf } from '../../../src/frontends/pushy/parameters.ts'
import { readStart } from '../../../src/frontends/pushy/resume.ts'
import { Tickets } from '../../../src/frontends/pushy/tickets.ts'
import type { Exchange } from '../../../src/net/exchange.ts'
import { isIntact } from '../../../src/std/escaped-text.ts'
import { FakeClock } from '../../helpers/fake-clock.ts'
import { damaged } from '../damage.ts'
import type { Target } from '../target.ts'

const none = new Uint8Array(0)

const requests = [
  '/channels/news%2Fsports%C3%A9/stream',
  '//publish///a%zz%ff+b/',
  'since=e1.41&ticket=x&channels[]=a&channels[]=b&data=%7B%7D',
  'channels=%22a%22&channels[]=news.*&sub=u&meta={}',
  'a[][]=1&[]=2&__proto__[]=3&__proto__=4&=&%',
]

const questions: Target = {
  name: 'pushy-questions',
  inputs: damaged(requests),
  check(bytes) {
    const text = bytes.toString('latin1')
    const segments = segmentsOf(text)
    assert(!segments.includes(''), 'empty segments do not count')
    // What is no segment's own may stand in one only by an escape.
    const plain = segments.map(segment => encodeURIComponent(segment.toWellFormed()))
    deepEqual(
      segmentsOf(plain.join('/')),
      segments.map(segment => segment.toWellFormed()),
    )
    const reading = readParameters(text, undefined, none)
    equal(reading.ok, isIntact(text), 'a query is one where it is UTF-8')
    if (!reading.ok) return
    const names = new Set([...new URLSearchParams(text).keys()].map(name => name.replace(/\[\]$/, '')))
    for (const name of names) {
      const json = reading.parameters.get(name)
      assert(json !== undefined, `${name} was given`)
      const texts = textsOf(json, Number.POSITIVE_INFINITY)
      assert(
        texts?.every(each => typeof each === 'string'),
        `${name} has texts`,
      )
      equal(need(reading.parameters, name).ok, json !== '""')
    }
    equal(reading.parameters.get('__proto__') !== undefined, names.has('__proto__'))
    const claims = readClaims(reading.parameters, 5)
    if (claims.ok) assert('channels' in claims.claims && JSON.stringify(claims.claims).isWellFormed())
    else assert.notEqual(claims.detail, '')
  },
}

/** Segment by segment, by the words of README.md. */
function reference(pattern: string, name: string, wildcards: Wildcards): boolean {
  if (pattern.length > 1_024 || name === '') return false
  if (pattern === name) return true
  if (pattern === '*') return wildcards === 'wide' || !name.includes('.')
  const wanted = pattern.split('.')
  const given = name.split('.')
  const stars = wanted.filter(segment => segment === '*').length
  if (stars === 0 || stars > 16 || given.length < wanted.length) return false
  const isWide = wildcards === 'wide' && wanted.at(-1) === '*'
  if (!isWide && given.length !== wanted.length) return false
  return wanted.every((segment, index) => {
    const own = given[index]
    if (segment !== '*') return segment === own
    const isLast = index === wanted.length - 1
    // One that ends in a star stands for more than one segment.
    const isMore = wildcards === 'wide' && !isLast && own === '*' && index === given.length - 1
    return own !== '' && !isMore
  })
}

const patterns = ['news.*\nnews.sports.uk', '*.b.*\na.*.c', '*\n*', 'a.*.\na..', '*.*.*.*\na.b.*', '.*\n.a']

const grants: Target = {
  name: 'pushy-grants',
  inputs: damaged(patterns),
  check(bytes) {
    const [pattern = '', name = '', third = 'a.b.c'] = bytes.toString('utf8').split('\n')
    for (const wildcards of ['wide', 'strict'] as const) {
      const isCovered = covers(pattern, name, wildcards)
      equal(isCovered, reference(pattern, name, wildcards), JSON.stringify([pattern, name, wildcards]))
      equal(isGranted([third, pattern], name, wildcards), isCovered || covers(third, name, wildcards))
      // A token never opens more by way of a pattern that it covers.
      if (isCovered && isPattern(name) && covers(name, third, wildcards)) {
        assert(covers(pattern, third, wildcards), JSON.stringify([pattern, name, third, wildcards]))
      }
    }
    const claim: unknown = JSON.parse(JSON.stringify([pattern, 1, [name], null, name]))
    deepEqual(grantsOf(claim), [pattern, name])
    deepEqual(grantsOf(pattern), [])
    isEventName(name)
    isIdempotencyKey(name)
  },
}

const random = { hex: (length: number) => 'ab'.repeat(length) }
const grant = { channel: 'news', agent: '', tokenExpires: undefined }
const holder = new Tickets(new FakeClock(), random, ['new', 'old'], () => true)
const former = new Tickets(new FakeClock(), random, ['old'], () => true)
const issued = holder.issue(grant)
const formerly = former.issue(grant)

const heads = [
  issued,
  formerly,
  'e1.41',
  '9007199254740990',
  `${'e'.repeat(64)}.0`,
  'a=b; push=x=y ;push=z',
  'https://a.example',
]

/** As much of an exchange as a position is read from. */
function asking(header: string | undefined, query: string | undefined): Exchange {
  return { query, header: () => header } as unknown as Exchange // see above
}

const headers: Target = {
  name: 'pushy-headers',
  inputs: damaged(heads),
  check(bytes) {
    const text = bytes.toString('latin1')
    const isOurs = text === issued || text === formerly
    equal(holder.numberOf(text) !== undefined, isOurs, 'only what was handed out is a ticket')
    for (const start of [
      readStart(asking(text, undefined)),
      readStart(asking(undefined, `since=${encodeURIComponent(text)}`)),
    ]) {
      const named = start.since === undefined ? 'lost' : 'back'
      equal(start.came, text === '' ? 'new' : named)
      if (start.since !== undefined) assert(Number.isSafeInteger(start.since.offset + 1))
    }
    const cookie = cookieOf(text, 'push')
    if (cookie !== undefined) assert(text.includes(cookie) && !cookie.includes(';'))
    const settings = { origins: ['https://a.example/'], cookie: '' }
    equal(isListed(text, settings), text === 'https://a.example')
  },
}

export const targets: readonly Target[] = [questions, grants, headers]
