// Assets before they travel (contract §9): types, signatures, limits, envelopes, names of files.
import { deepEqual, equal } from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import {
  type AssetSettings,
  assetFields,
  assetMistakes,
} from '../../../src/frontends/pushwire/assets/asset-settings.ts'
import { endingOf, fitsType, knownTypes } from '../../../src/frontends/pushwire/assets/asset-types.ts'
import {
  fileNameOf,
  formOf,
  inlineEnvelope,
  pointerEnvelope,
  refusalOf,
  typeOfFile,
} from '../../../src/frontends/pushwire/assets/assets.ts'
import { defaultsOf } from '../../helpers/defaults.ts'

const settings = defaultsOf<AssetSettings>(assetFields)
const unchecked = { ...settings, assetSignatures: false }
const hello = Buffer.from('hello')
const helloSha256 = '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824'

/** The first bytes of each type, as files have them. */
const begins: Readonly<Record<string, string>> = {
  'image/png': '89504e470d0a1a0a0000000d',
  'image/jpeg': 'ffd8ffe000104a46',
  'image/webp': '524946462400000057454250',
  'image/gif': '474946383961',
  'image/avif': '0000001c6674797061766966',
  'video/mp4': '00000020667479706d703432',
  'video/webm': '1a45dfa3a3428681',
  'audio/ogg': '4f67675300020000',
}
const sample = (mime: string) => Buffer.from(begins[mime] ?? '', 'hex')

describe('a type', () => {
  test('is known by its first bytes, and no other type takes them', () => {
    deepEqual(Object.keys(begins), knownTypes)
    for (const mime of knownTypes) {
      const fitting = knownTypes.filter(each => fitsType(each, sample(mime)))
      deepEqual(fitting, [mime])
      for (let length = 0; length < 3; length++)
        equal(fitsType(mime, sample(mime).subarray(0, length)), false)
    }
    equal(fitsType('image/gif', Buffer.from('GIF87a')), true)
    equal(fitsType('image/gif', Buffer.from('GIF88a')), false)
  })

  test('that is not listed is refused, whatever else is wrong (row 47)', () => {
    for (const mime of [
      'text/html',
      'image/svg+xml',
      '',
      'constructor',
      '__proto__',
      'image/png2',
      'video/mp4',
    ]) {
      equal(refusalOf({ mime, bytes: Buffer.alloc(0) }, settings), 'asset-type', mime)
    }
    equal(
      refusalOf({ mime: 'text/html', bytes: hello }, { ...unchecked, assetTypes: ['text/html'] }),
      'asset-type',
    )
  })

  test('is compared without case and parameters', () => {
    const bytes = sample('image/png')
    for (const mime of ['image/png', 'IMAGE/Png', ' image/png ; charset=x;y']) {
      equal(refusalOf({ mime, bytes }, settings), undefined)
      equal(JSON.parse(inlineEnvelope({ mime, bytes }, helloSha256)).mime, 'image/png')
    }
  })

  test('that no asset can have is a mistake of the settings', () => {
    deepEqual(assetMistakes(settings), [])
    deepEqual(assetMistakes({ assetTypes: ['image/png', 'text/html'] }), [
      `text/html is no type that assets can have: ${knownTypes.join(', ')}`,
    ])
  })
})

describe('a refusal', () => {
  test('of a mismatch depends on the setting', () => {
    equal(refusalOf({ mime: 'image/png', bytes: sample('image/gif') }, settings), 'asset-mismatch')
    equal(refusalOf({ mime: 'image/png', bytes: hello }, unchecked), undefined)
  })

  test('of the size is beyond the limit only', () => {
    const limits = { ...unchecked, assetBytesMax: 5 }
    equal(refusalOf({ mime: 'image/png', bytes: hello }, limits), undefined)
    equal(refusalOf({ mime: 'image/png', bytes: Buffer.alloc(6) }, limits), 'asset-too-large')
  })

  test('is for no bytes, long names and long addresses', () => {
    const asset = { mime: 'image/png', bytes: hello }
    equal(refusalOf({ ...asset, bytes: Buffer.alloc(0) }, unchecked), 'asset-invalid')
    equal(refusalOf({ ...asset, name: 'n'.repeat(255), url: 'u'.repeat(2_048) }, unchecked), undefined)
    equal(refusalOf({ ...asset, name: 'n'.repeat(256) }, unchecked), 'asset-invalid')
    equal(refusalOf({ ...asset, url: 'u'.repeat(2_049) }, unchecked), 'asset-invalid')
  })
})

describe('an envelope', () => {
  test('is inline up to 262,144 bytes, and one more makes it a pointer (row 46)', () => {
    const form = (length: number, url?: string) =>
      formOf({ mime: 'image/png', bytes: Buffer.alloc(length), url }, settings)
    equal(form(262_144), 'inline')
    equal(form(262_144, 'https://a/b'), 'inline')
    equal(form(262_145, 'https://a/b'), 'pointer')
    equal(form(262_145), 'stored')
  })

  test('inline has the members of the contract in their order (row 45)', () => {
    equal(
      inlineEnvelope({ mime: 'image/png', bytes: hello }, helloSha256),
      `{"type":"inline","mime":"image/png","sha256":"${helloSha256}","size":5,"data_base64":"aGVsbG8="}`,
    )
    const named = inlineEnvelope({ mime: 'image/png', bytes: hello, name: 'a "dot".png' }, helloSha256)
    equal(named.slice(-22), `,"name":"a \\"dot\\".png"}`.slice(-22))
  })

  test('by an address has the members of the contract in their order', () => {
    equal(
      pointerEnvelope({ mime: 'image/jpeg', size: 900_000, name: 'ö' }, helloSha256, '/rps/assets/x.jpg'),
      `{"type":"pointer","mime":"image/jpeg","sha256":"${helloSha256}","size":900000,"url":"/rps/assets/x.jpg","name":"ö"}`,
    )
  })

  test('is JSON that gives back what went in', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1 }), fc.string({ unit: 'binary' }), (bytes, name) => {
        const whole = Buffer.concat([Buffer.from('x'), bytes, Buffer.from('y')])
        const part = whole.subarray(1, -1)
        const value = JSON.parse(inlineEnvelope({ mime: 'image/png', bytes: part, name }, helloSha256))
        deepEqual(Buffer.from(value.data_base64, 'base64'), Buffer.from(bytes))
        equal(value.size, bytes.length)
        equal(value.name, JSON.parse(JSON.stringify(name)))
      }),
    )
  })
})

describe('the name of a file', () => {
  test('is the digest and the ending of its type, and says the type', () => {
    for (const mime of knownTypes) {
      const name = fileNameOf(helloSha256, mime) ?? ''
      equal(name, `${helloSha256}.${endingOf(mime)}`)
      equal(typeOfFile(name, knownTypes), mime)
      equal(typeOfFile(name, []), undefined)
    }
    equal(fileNameOf(helloSha256, 'text/html'), undefined)
  })

  test('that no asset can have is none', () => {
    const digest = helloSha256
    for (const name of [
      '',
      digest,
      `${digest}.`,
      `${digest}.html`,
      `${digest}.png/`,
      `/${digest}.png`,
      `../${digest}.png`,
      `${digest.toUpperCase()}.png`,
      `${digest.slice(1)}.png`,
      `${digest}0.png`,
      `${digest}.png.new`,
      `${digest}%2epng`,
      `${digest}.PNG`,
      `${digest}.png\n`,
      `${digest}.png\0`,
      'swept',
      '..',
    ]) {
      equal(typeOfFile(name, knownTypes), undefined, name)
    }
  })

  test('of arbitrary text is none unless it is exactly of the form', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), text => {
        equal(typeOfFile(text, knownTypes), undefined)
        equal(typeOfFile(`${helloSha256}${text}.png`, knownTypes), text === '' ? 'image/png' : undefined)
      }),
    )
  })
})
