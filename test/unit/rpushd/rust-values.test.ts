// Values as Rust reads them from text.
import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import {
  filterLevel,
  parseSocketAddress,
  parseUnsigned,
  trimWhiteSpace,
} from '../../../src/frontends/rpushd/rust-values.ts'

const digit = 'invalid digit found in string'
const large = 'number too large to fit in target type'

const numbers: readonly (readonly [text: string, expect: bigint | string])[] = [
  ['0', 0n],
  ['15', 15n],
  ['+15', 15n],
  ['007', 7n],
  ['18446744073709551615', 2n ** 64n - 1n],
  ['18446744073709551616', large],
  ['99999999999999999999x', large],
  ['9x9999999999999999999999', digit],
  ['', 'cannot parse integer from empty string'],
  ['+', digit],
  ['-', digit],
  ['-1', digit],
  ['++1', digit],
  [' 1', digit],
  ['1 ', digit],
  ['1.0', digit],
  ['1e3', digit],
  ['0x10', digit],
  ['１', digit],
]

for (const [text, expect] of numbers) {
  test(`number '${text}'`, () => {
    const result = typeof expect === 'string' ? { ok: false, detail: expect } : { ok: true, value: expect }
    deepEqual(parseUnsigned(text), result)
  })
}

const addresses: readonly (readonly [text: string, expect: string | undefined])[] = [
  ['127.0.0.1:45831', '127.0.0.1:45831'],
  ['0.0.0.0:0', '0.0.0.0:0'],
  ['1.2.3.4:00080', '1.2.3.4:80'],
  ['[::1]:80', '[::1]:80'],
  ['[::ffff:1.2.3.4]:65535', '[::ffff:1.2.3.4]:65535'],
  ['1.2.3.4:65536', undefined],
  ['01.2.3.4:80', undefined],
  ['1.2.3:80', undefined],
  ['1.2.3.256:80', undefined],
  ['1.2.3.4', undefined],
  ['1.2.3.4:', undefined],
  ['1.2.3.4:+80', undefined],
  ['1.2.3.4:80 ', undefined],
  [' 1.2.3.4:80', undefined],
  ['1.2.3.4:80\n', undefined],
  ['::1:80', undefined],
  ['[::1]', undefined],
  ['[1.2.3.4]:80', undefined],
  ['[::g]:80', undefined],
  ['localhost:45831', undefined],
  ['45831', undefined],
  [':45831', undefined],
  ['unix:/run/rpushd.sock', undefined],
  ['', undefined],
]

for (const [text, expect] of addresses) {
  test(`address '${text}'`, () => {
    const refused = { ok: false, detail: 'invalid socket address syntax' }
    deepEqual(parseSocketAddress(text), expect === undefined ? refused : { ok: true, value: expect })
  })
}

test('white space is what Unicode calls so', () => {
  equal(trimWhiteSpace(' \t\n\u0085\u00a0\u2028\u3000a b\u0085\r '), 'a b')
  equal(trimWhiteSpace('\ufeffa\u200b'), '\ufeffa\u200b', 'these two are none')
  equal(trimWhiteSpace(' \u0085 '), '')
})

const filters: readonly (readonly [filter: string, level: string])[] = [
  ['info', 'info'],
  ['DEBUG', 'debug'],
  ['off', 'off'],
  ['0', 'off'],
  ['5', 'trace'],
  ['', 'error'],
  ['warn,rpushd=trace', 'trace'],
  ['rpushd=warn,debug', 'warn'],
  ['hyper=debug', 'error'],
  ['hyper=debug,info', 'info'],
  ['rpushd', 'trace'],
  ['hyper', 'error'],
  [' warn , hyper=info ', 'warn'],
  ['rpushd=loud', 'info'],
  ['a=b=c', 'info'],
  ['[span]=debug,warn', 'warn'],
  ['rpushd[span]=debug', 'debug'],
]

for (const [filter, level] of filters) {
  test(`log filter '${filter}' is ${level}`, () => equal(filterLevel(filter, 'rpushd'), level))
}
