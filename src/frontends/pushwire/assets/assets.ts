// An asset before it travels (contract §9): whether it may, in which of two forms, and the envelope, which is the payload of
// an ordinary frame. Pure.
import type { AssetSettings } from './asset-settings.ts'
import { bareType, endingOf, fitsType } from './asset-types.ts'

/** As a publisher hands it in. */
export interface Asset {
  /** As it came: in any case, with parameters. */
  readonly mime: string
  readonly bytes: Uint8Array
  /** For people; nothing is derived from it. */
  readonly name?: string | undefined
  /** Where the publisher serves it himself; used where it is too large to travel in its frame. */
  readonly url?: string | undefined
}

/**
 * `asset-type`: not on the list (415). `asset-mismatch`: its bytes are not of its type (415). `asset-too-large` (413).
 * `asset-invalid`: no bytes, or a name or address that is too long (422). `asset-busy`: too much at once (503).
 * `asset-failed`: the disk or a thread, as the log says (500).
 */
export type AssetRefusal =
  | 'asset-type'
  | 'asset-mismatch'
  | 'asset-too-large'
  | 'asset-invalid'
  | 'asset-busy'
  | 'asset-failed'

export type AssetLimits = Pick<
  AssetSettings,
  'assetTypes' | 'assetSignatures' | 'assetBytesMax' | 'assetInlineBytesMax'
>

/** File names have 255 on most systems; it stands in every frame and ring entry. */
const nameCharactersMax = 255
/** As long as browsers and proxies surely take. */
const urlCharactersMax = 2_048

/** Undefined: it may travel. */
export function refusalOf(
  { mime, bytes, name = '', url = '' }: Asset,
  { assetTypes, assetSignatures, assetBytesMax }: AssetLimits,
): AssetRefusal | undefined {
  const type = bareType(mime)
  if (!assetTypes.includes(type) || endingOf(type) === undefined) return 'asset-type'
  if (bytes.length > assetBytesMax) return 'asset-too-large'
  if (bytes.length === 0 || name.length > nameCharactersMax || url.length > urlCharactersMax)
    return 'asset-invalid'
  return assetSignatures && !fitsType(type, bytes) ? 'asset-mismatch' : undefined
}

/** Within its frame, exactly at the limit too; by an address of the publisher's; or by one of ours. */
export function formOf(
  { bytes, url }: Asset,
  { assetInlineBytesMax }: AssetLimits,
): 'inline' | 'pointer' | 'stored' {
  if (bytes.length <= assetInlineBytesMax) return 'inline'
  return url === undefined ? 'stored' : 'pointer'
}

/** Members in the order of the contract. `sha256` is lower-case hexadecimal. */
export function inlineEnvelope({ mime, bytes, name }: Asset, sha256: string): string {
  const base64 = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64')
  return `${head('inline', mime, sha256, bytes.length)},"data_base64":"${base64}"${tail(name)}`
}

export function pointerEnvelope(
  { mime, size, name }: Pick<Asset, 'mime' | 'name'> & { readonly size: number },
  sha256: string,
  url: string,
): string {
  return `${head('pointer', mime, sha256, size)},"url":${JSON.stringify(url)}${tail(name)}`
}

/** A name that only we make, so that nothing else reaches the disk; undefined where the type has no ending. */
export function fileNameOf(sha256: string, mime: string): string | undefined {
  const ending = endingOf(bareType(mime))
  return ending === undefined ? undefined : `${sha256}.${ending}`
}

/** The listed type of a file by its name, which comes from a request; undefined where no asset can have that name. */
export function typeOfFile(name: string, listed: readonly string[]): string | undefined {
  const ending = /^[0-9a-f]{64}\.([a-z0-9]{1,8})$/.exec(name)?.[1]
  return ending === undefined ? undefined : listed.find(mime => endingOf(mime) === ending)
}

function head(type: string, mime: string, sha256: string, size: number): string {
  return `{"type":"${type}","mime":${JSON.stringify(bareType(mime))},"sha256":"${sha256}","size":${size}`
}

function tail(name: string | undefined): string {
  return name === undefined ? '}' : `,"name":${JSON.stringify(name)}}`
}
