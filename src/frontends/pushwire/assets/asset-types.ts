// Types that an asset can have: how its file ends, and how its first bytes must look. Nothing among them that a browser runs
// (HTML, SVG, PDF), because the node serves them on its own origin. Pure.

interface AssetType {
  readonly ending: string
  fits(bytes: Uint8Array): boolean
}

const jpeg: readonly number[] = [0xff, 0xd8, 0xff]
/** EBML (RFC 8794). */
const ebml: readonly number[] = [0x1a, 0x45, 0xdf, 0xa3]

/** Containers of ISO 14496-12 name their brand behind the length and type of the first box. */
const brandAt = 8
const avifBrand = /^(?:avif|avis)$/
const mp4Brand = /^(?:iso[m2-9]|mp4[12]|avc1|dash|M4V )$/

const types: Readonly<Record<string, AssetType>> = {
  'image/png': { ending: 'png', fits: bytes => textAt(bytes, 0, 8) === '\x89PNG\r\n\x1a\n' },
  'image/jpeg': { ending: 'jpg', fits: bytes => beginsWith(bytes, jpeg) },
  'image/webp': {
    ending: 'webp',
    fits: bytes => textAt(bytes, 0, 4) === 'RIFF' && textAt(bytes, 8, 4) === 'WEBP',
  },
  'image/gif': { ending: 'gif', fits: bytes => /^GIF8[79]a$/.test(textAt(bytes, 0, 6)) },
  'image/avif': { ending: 'avif', fits: bytes => hasBrand(bytes, avifBrand) },
  'video/mp4': { ending: 'mp4', fits: bytes => hasBrand(bytes, mp4Brand) },
  'video/webm': { ending: 'webm', fits: bytes => beginsWith(bytes, ebml) },
  'audio/ogg': { ending: 'ogg', fits: bytes => textAt(bytes, 0, 5) === 'OggS\0' },
}

/** What a setting may list. */
export const knownTypes: readonly string[] = Object.keys(types)

/** In lower case and without parameters, as types are compared (RFC 9110 section 8.3.1). */
export function bareType(mime: string): string {
  return mime.replace(/;.*$/s, '').trim().toLowerCase()
}

/** Undefined: no asset can be of that type. */
export function endingOf(mime: string): string | undefined {
  return Object.hasOwn(types, mime) ? types[mime]?.ending : undefined
}

/** The first bytes look like what the type promises. */
export function fitsType(mime: string, bytes: Uint8Array): boolean {
  return Object.hasOwn(types, mime) && types[mime]?.fits(bytes) === true
}

function beginsWith(bytes: Uint8Array, signature: readonly number[]): boolean {
  return signature.every((byte, index) => bytes[index] === byte)
}

function hasBrand(bytes: Uint8Array, brand: RegExp): boolean {
  return textAt(bytes, 4, 4) === 'ftyp' && brand.test(textAt(bytes, brandAt, 4))
}

function textAt(bytes: Uint8Array, at: number, length: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + length))
}
