// From an asset to the payload of its frame (contract §9): judged, hashed, and stored where it travels by an address of ours.
import type { Offload } from '../../frontend.ts'
import type { AssetSettings } from './asset-settings.ts'
import type { AssetStore } from './asset-store.ts'
import {
  type Asset,
  type AssetRefusal,
  formOf,
  inlineEnvelope,
  pointerEnvelope,
  refusalOf,
} from './assets.ts'

export interface EnvelopeContext {
  readonly settings: AssetSettings
  readonly offload: Offload
  readonly store: Pick<AssetStore, 'put'>
  /** Path that stored assets are served behind, without a slash at its end. */
  readonly base: string
}

export type EnvelopeOutcome =
  /** JSON. */
  { readonly ok: true; readonly payload: string } | { readonly ok: false; readonly reason: AssetRefusal }

/** `done` is called once, possibly before this returns; the bytes are nobody else's until then, nor after. */
export function makeEnvelope(
  { settings, offload, store, base }: EnvelopeContext,
  asset: Asset,
  done: (outcome: EnvelopeOutcome) => void,
): void {
  const refusal = refusalOf(asset, settings)
  if (refusal !== undefined) return done({ ok: false, reason: refusal })
  const size = asset.bytes.length
  const form = formOf(asset, settings)
  if (form === 'stored') {
    return store.put(asset.bytes, asset.mime, outcome => {
      if (!outcome.ok) return done(outcome)
      const url = `${base}/${outcome.fileName}`
      done({ ok: true, payload: pointerEnvelope({ ...asset, size }, outcome.sha256, url) })
    })
  }
  offload.hash(asset.bytes, outcome => {
    if (!outcome.ok) {
      return done({ ok: false, reason: outcome.reason === 'full' ? 'asset-busy' : 'asset-failed' })
    }
    const { bytes, sha256 } = outcome
    const isPointer = form === 'pointer' && asset.url !== undefined
    const payload = isPointer
      ? pointerEnvelope({ ...asset, size }, sha256, asset.url)
      : inlineEnvelope({ ...asset, bytes }, sha256)
    done({ ok: true, payload })
  })
}
