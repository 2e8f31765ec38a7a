// Whatever of a request's head is read before anybody is known, as long as a head may be: the cost of reading it must
// not grow faster than its length. The input names what is repeated, so that a find is printed in one line.
import fc from 'fast-check'
import { createBearerCheck } from '../../../src/auth/bearer.ts'
import { createHmacVerifier } from '../../../src/auth/hmac-token.ts'
import { JwtVerifier } from '../../../src/auth/jwt.ts'
import { secretKeys } from '../../../src/auth/jwt-keys.ts'
import type { Exchange } from '../../../src/net/exchange.ts'
import { FakeClock } from '../../helpers/fake-clock.ts'
import type { Target } from '../target.ts'

/** Of a whole head (src/net/README.md). */
const lengthMax = 16_384

const starts = [
  '',
  '/',
  '//',
  'a',
  'Bearer ',
  'application/',
  'https://',
  'https://a@',
  'e1.',
  'eyJhbGciOiJIUzUxMiJ9.',
]
const parts = [
  'a',
  '/',
  '//',
  '/../',
  '%',
  '%2F',
  '%ff',
  '%f0%9f%98%80',
  '+',
  '+json',
  ' ',
  '\t',
  ',',
  ', upgrade',
  '@',
]
const moreParts = [
  'a@',
  ':',
  ';',
  '=',
  ';a=',
  '&',
  'a[]=&',
  '[]=',
  'since=&',
  '.',
  '*.',
  'a.*.',
  '0',
  '\xff',
  '-',
  '_',
]
const ends = ['', '/', '%', '\n', '!', ';', '=', '@', '.e30.AA', 'x=1', ' ', '\0']
const repeatable = [...parts, ...moreParts]

function enlarged([start = 0, part = 0, end = 0]: Uint8Array): string {
  const one = repeatable[part % repeatable.length] ?? ''
  const count = Math.floor(lengthMax / one.length)
  return `${starts[start % starts.length]}${one.repeat(count)}${ends[end % ends.length]}`
}

const checkBearer = createBearerCheck(['secret', 's'.repeat(300)])
const checkHmac = createHmacVerifier(['secret'])
const clock = new FakeClock()
const verifier = new JwtVerifier(clock, { keys: secretKeys(['s']), skewSeconds: 0, expiryRequired: false })

/** Every header says the same. */
function asking(text: string): Exchange {
  return { method: 'GET', path: text, query: text, header: () => text } as unknown as Exchange // all that is asked for
}

/** `read` is what a room makes of a text anywhere in a head, and of a request that says the same everywhere. */
export function longHeads(
  name: string,
  read: (text: string, exchange: Exchange) => void | Promise<void>,
): Target {
  return {
    name,
    inputs: fc.uint8Array({ minLength: 3, maxLength: 3 }),
    share: 0.05,
    check(bytes) {
      const text = enlarged(bytes)
      return read(text, asking(text))
    },
  }
}

export const longCredentials = longHeads('long-heads', async text => {
  checkBearer(text)
  checkHmac(text)
  await new Promise(done => verifier.verify(text, done))
})
